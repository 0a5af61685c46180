// Ctrl+C on `limner models get`, in a process of its own: what was fetched is kept and goes on from there.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HubServer } from "../hub/hubServer.ts";
import { tinySingleFile } from "../hub/tinySingleFile.ts";
import { type CommandRun, runLimner } from "../support/limner.ts";

const repository = "tiny/single";
const file = "tiny.safetensors";
const bytes = tinySingleFile();
let folder: string;
let server: HubServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-interrupted-"));
  server = await HubServer.start({ [repository]: { files: { [file]: bytes }, license: "apache-2.0" } });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function get(onStderr?: (text: string, interrupt: () => void) => void): Promise<CommandRun> {
  const env = {
    HF_ENDPOINT: server.endpoint,
    HF_HOME: join(folder, "hf"),
    LIMNER_DATA_DIR: join(folder, "data"),
  };
  const args = ["models", "get", repository, "--accept-license", "--no-convert", "--json"];
  return runLimner(args, { env, onStderr });
}

const blobs = () => join(folder, "hf", "hub", "models--tiny--single", "blobs");

// Windows knows no such signal between processes.
it.skipIf(process.platform === "win32")(
  "Ctrl+C ends a fetch with 130, keeps what it has, and the next one fetches the rest only",
  async () => {
    server.options.pieceBytes = 64 * 1024;
    server.options.pieceMilliseconds = 20;
    let isInterrupted = false;
    const interrupted = await get((text, interrupt) => {
      // A second one would end the process at once.
      if (isInterrupted || !/Fetching: [1-9]/.test(text)) return;
      isInterrupted = true;
      interrupt();
    });
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toBe("");
    expect(interrupted.stderr).toContain("Cancelled. What was fetched is kept for the next time.");
    const [left = "", ...others] = readdirSync(blobs());
    expect(left).toMatch(/^[0-9a-f]{64}\.incomplete$/);
    expect(others).toEqual([]);
    const kept = statSync(join(blobs(), left)).size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(bytes.length);

    server.options.pieceMilliseconds = 0;
    const before = server.requests.length;
    const completed = await get();
    expect(completed.code).toBe(0);
    expect(readdirSync(blobs())).toEqual([left.replace(".incomplete", "")]);
    // Beside the header, which tells what it is.
    const parts = server.requests.slice(before).filter(({ sent, first }) => sent > 0 && first !== 0);
    expect(Math.min(...parts.map(({ first = 0 }) => first))).toBe(kept);
    expect(parts.reduce((sum, { sent }) => sum + sent, 0)).toBe(bytes.length - kept);
  },
  120_000,
);

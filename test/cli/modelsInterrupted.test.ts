// Ctrl+C on `limner models get`, in a process of its own: what was fetched is kept, is listed, and goes on from there.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesText } from "../../src/platform/quantityText.ts";
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

function models(
  args: readonly string[],
  onStderr?: (text: string, interrupt: () => void) => void,
): Promise<CommandRun> {
  const env = {
    HF_ENDPOINT: server.endpoint,
    HF_HOME: join(folder, "hf"),
    LIMNER_DATA_DIR: join(folder, "data"),
  };
  return runLimner(["models", ...args], { env, onStderr });
}

function get(onStderr?: (text: string, interrupt: () => void) => void): Promise<CommandRun> {
  return models(["get", repository, "--accept-license", "--no-convert", "--json"], onStderr);
}

/** Begins a fetch and stops it by Ctrl+C while it goes on. */
async function interruptedGet(): Promise<CommandRun> {
  server.options.pieceBytes = 64 * 1024;
  server.options.pieceMilliseconds = 20;
  let isInterrupted = false;
  const run = await get((text, interrupt) => {
    // A second one would end the process at once.
    if (isInterrupted || !/Fetching: [1-9]/.test(text)) return;
    isInterrupted = true;
    interrupt();
  });
  server.options.pieceMilliseconds = 0;
  return run;
}

const blobs = () => join(folder, "hf", "hub", "models--tiny--single", "blobs");

// Windows knows no such signal between processes.
it.skipIf(process.platform === "win32")(
  "Ctrl+C ends a fetch with 130, keeps what it has, and the next one fetches the rest only",
  async () => {
    const interrupted = await interruptedGet();
    expect(interrupted.code).toBe(130);
    expect(interrupted.stdout).toBe("");
    expect(interrupted.stderr).toContain("Cancelled. What was fetched is kept for the next time.");
    const [left = "", ...others] = readdirSync(blobs());
    expect(left).toMatch(/^[0-9a-f]{64}\.incomplete$/);
    expect(others).toEqual([]);
    const kept = statSync(join(blobs(), left)).size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(bytes.length);

    const { stdout } = await models(["list"]);
    expect(stdout).toContain(
      `tiny/single: ${bytesText(kept)} of ${bytesText(bytes.length)} fetched. Go on: limner models get tiny/single. Remove: limner models remove tiny/single\n`,
    );
    const before = server.requests.length;
    const completed = await get();
    expect(completed.code).toBe(0);
    expect(readdirSync(blobs())).toEqual([left.replace(".incomplete", "")]);
    // Beside the header, which tells what it is.
    const parts = server.requests.slice(before).filter(({ sent, first }) => sent > 0 && first !== 0);
    expect(Math.min(...parts.map(({ first = 0 }) => first))).toBe(kept);
    expect(parts.reduce((sum, { sent }) => sum + sent, 0)).toBe(bytes.length - kept);
    expect(JSON.parse((await models(["list", "--json"])).stdout).interrupted).toEqual([]);
  },
  120_000,
);

it.skipIf(process.platform === "win32")(
  "what an interrupted fetch left can be removed",
  async () => {
    await models(["remove", "single"]);
    await interruptedGet();
    const { interrupted } = JSON.parse((await models(["list", "--json"])).stdout);
    const [left = ""] = readdirSync(blobs());
    const { size } = statSync(join(blobs(), left));
    expect(interrupted).toEqual([
      {
        id: repository,
        type: "model",
        isRunning: false,
        repository,
        commit: server.commit(repository),
        resume: { what: repository },
        bytes: size,
        bytesDone: size,
        bytesTotal: bytes.length,
      },
    ]);
    const { stdout, code } = await models(["remove", repository]);
    expect([code, stdout]).toEqual([0, `${bytesText(size)} freed\n`]);
    expect(existsSync(join(folder, "hf", "hub", "models--tiny--single"))).toBe(false);
    expect(JSON.parse((await models(["list", "--json"])).stdout).interrupted).toEqual([]);
    const again = await models(["remove", repository]);
    expect([again.code, again.stderr]).toEqual([
      1,
      'limner: There is no model "tiny/single". See limner models list.\n',
    ]);
  },
  120_000,
);

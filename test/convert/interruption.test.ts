// A full-size conversion in a process of its own, as the command line runs it, stopped while it writes.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertModel } from "../../src/convert/convertModel.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { fixtures } from "./convertedModel.ts";
import { writeSparseCheckpoint } from "./sparseCheckpoint.ts";

const root = temporaryFolder();
const source = join(root, "sdxl.safetensors");
beforeAll(() => writeSparseCheckpoint(source));
afterAll(() => rmSync(root, { recursive: true }));

/** Converts to `out` and sends `signal` at the first report of progress. */
function interrupted(out: string, signal: "SIGINT" | "SIGKILL"): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const args = [join("bin", "limner.mjs"), "convert", source, "--out", out];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    let isSent = false;
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (isSent || !text.includes("Converting:")) return;
      // A second Ctrl+C would end it at once.
      isSent = child.kill(signal);
    });
    child.on("error", reject);
    child.on("close", (code) => (isSent ? resolve(code) : reject(new Error(text))));
  });
}

describe("a conversion that is stopped", () => {
  it("by Ctrl+C ends with 130 and leaves nothing", async () => {
    const folder = join(root, "cancelled");
    mkdirSync(folder);
    expect(await interrupted(join(folder, "model"), "SIGINT")).toBe(130);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("by being killed leaves nothing that looks finished, and the next one clears it away", async () => {
    const folder = join(root, "killed");
    mkdirSync(folder);
    expect(await interrupted(join(folder, "model"), "SIGKILL")).toBe(null);
    const [left = "", ...more] = readdirSync(folder);
    expect(left).toMatch(/^model\.partial-[0-9a-f]{8}$/);
    expect(more).toEqual([]);
    expect(existsSync(join(folder, left, ".limner-conversion.json"))).toBe(true);
    await convertModel({ source: join(fixtures, "one-block", "source"), out: join(folder, "model") });
    expect(readdirSync(folder)).toEqual(["model"]);
  });
});

// Real processes that fetch from the hub server: killed at random, and two at a time.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { seededRandom } from "../../bench/accuracy/seededRandom.ts";
import { fetchingProgram } from "./fetchingProgram.ts";
import { HubServer } from "./hubServer.ts";
import { seededBytes } from "./seededBytes.ts";

const name = "someone/large";
const chunkBytes = 128 * 1024;
const files = {
  "model_index.json": Buffer.from("{}"),
  "unet/model.safetensors": seededBytes(4_000_000, 1),
  "vae/model.safetensors": seededBytes(1_500_000, 2),
  "text_encoder/model.safetensors": seededBytes(1_000_000, 3),
};
const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);

let folder: string;
let program: string;
let server: HubServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-killed-"));
  program = await fetchingProgram(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  server = await HubServer.start({ [name]: { files } });
});
afterEach(() => server.stop());

function startFetch(cache: string) {
  return fork(program, [server.endpoint, cache, name, String(chunkBytes)], { execArgv: [] });
}

function sent(): number {
  return server.requests.reduce((sum, request) => sum + (request.origin === "store" ? request.sent : 0), 0);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function expectComplete(snapshot: string): void {
  for (const [path, bytes] of Object.entries(files))
    expect(readFileSync(join(snapshot, path)).equals(bytes), path).toBe(true);
}

test("a fetch that is killed ten times ends complete, with no byte fetched twice beyond a chunk", async () => {
  server.options.pieceBytes = 32 * 1024;
  server.options.pieceMilliseconds = 3;
  const cache = join(folder, "killed");
  const random = seededRandom(7);
  for (let kill = 0; kill < 10; kill++) {
    const fetching = startFetch(cache);
    const ended = once(fetching, "exit");
    const goal = sent() + 50_000 + random() * (total / 20);
    await until(() => sent() >= goal);
    fetching.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
  }
  server.options.pieceMilliseconds = 0;
  const [{ folder: snapshot }] = await once(startFetch(cache), "message");
  expectComplete(snapshot);
  for (const [path, { length }] of Object.entries(files)) {
    let reached = 0;
    for (const { first = 0, last = length, sent: count } of server.transfers(path)) {
      expect(last - first).toBeLessThan(length > chunkBytes ? chunkBytes : length + 1);
      // It goes on where the last one stopped, or at most a chunk before.
      expect(first).toBeGreaterThan(reached - chunkBytes - 1);
      reached = first + count;
    }
    expect(reached).toBe(length);
  }
  expect(sent()).toBeLessThan(total + 10 * 3 * chunkBytes);
  const blobs = readdirSync(join(cache, "models--someone--large", "blobs"));
  expect(blobs.filter((blob) => blob.endsWith(".incomplete"))).toEqual([]);
  expect(blobs).toHaveLength(4);
}, 120_000);

test("two processes that fetch the same model end with one copy, fetched once", async () => {
  server.options.pieceBytes = 256 * 1024;
  server.options.pieceMilliseconds = 1;
  const cache = join(folder, "two");
  const results = await Promise.all([1, 2].map(async () => (await once(startFetch(cache), "message"))[0]));
  const [one, two] = results;
  expect(one.folder).toBe(two.folder);
  expectComplete(one.folder);
  expect(readdirSync(join(cache, "models--someone--large", "blobs"))).toHaveLength(4);
  expect(sent()).toBe(total - 2);
  expect([one.fetched.length, two.fetched.length].sort()).toEqual([0, 4]);
}, 120_000);

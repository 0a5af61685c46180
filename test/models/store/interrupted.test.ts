// Downloads that did not end: what of them is listed, and what of them may be removed.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { getModel } from "../../../src/models/store/getModel.ts";
import { listInterrupted } from "../../../src/models/store/listInterrupted.ts";
import { removeModel } from "../../../src/models/store/removeModel.ts";
import { etagOf } from "../../hub/hubServer.ts";
import { servedFolder } from "../../hub/servedFolder.ts";
import { type HubStore, startHubStore, stopHubStore } from "./hubStore.ts";

const repository = "tiny/ir";
const unet = "unet/openvino_model.bin";
const vae = "vae_decoder/openvino_model.bin";
const files = servedFolder("test/fixtures/tiny-sdxl");
const bytesOf = (path: string) => files[path] ?? new Uint8Array();
const etag = (path: string) => etagOf(bytesOf(path), true);

let hub: HubStore;
let server: HubStore["server"];
let store: HubStore["store"];
let settings: HubStore["settings"];

beforeEach(async () => {
  hub = await startHubStore({ [repository]: { files } });
  ({ server, store, settings } = hub);
});
afterEach(() => stopHubStore(hub));

const get = (name?: string, signal?: AbortSignal) =>
  getModel(store, { what: repository, name }, { acceptLicense: async () => true, signal }, settings);

const blob = (name: string) => join(settings.cache, "models--tiny--ir", "blobs", name);

/** A fetch that fails at a file after half of it. */
async function failAt(path: string): Promise<void> {
  const half = Math.floor(bytesOf(path).length / 2);
  let asked = 0;
  server.options.fault = ({ file, origin }) => {
    if (file !== path || origin !== "store") return undefined;
    asked += 1;
    return asked === 1 ? { cutAfter: half } : { status: 400 };
  };
  await expect(get()).rejects.toThrow(path);
  server.options.fault = undefined;
}

it("lists what is there, and forgets it when it is whole", async () => {
  await failAt(unet);
  const [left] = await listInterrupted(store);
  const total = Object.entries(files).filter(([path]) => !path.endsWith(".md"));
  expect(left).toMatchObject({
    id: repository,
    type: "model",
    isRunning: false,
    resume: { what: repository },
  });
  expect(left?.bytesDone).toBeGreaterThan(bytesOf(unet).length / 2 - 1);
  expect(left?.bytesDone).toBe(left?.bytes);
  expect(left?.bytesTotal).toBeLessThanOrEqual(total.reduce((sum, [, { length }]) => sum + length, 0));
  expect(left?.bytesTotal).toBeGreaterThan(left?.bytesDone ?? Number.NaN);
  await get();
  expect(await listInterrupted(store)).toEqual([]);
  expect(store.read()).toMatchObject({ begun: [], interrupted: [] });
});

it("removes what Limner began and fetched, by the name that was asked for too; what other tools began stays", async () => {
  mkdirSync(blob("."), { recursive: true });
  // Another tool has begun the VAE, and has the tokenizer's vocabulary.
  writeFileSync(blob(`${etag(vae)}.incomplete`), bytesOf(vae).subarray(0, 1000));
  const vocabulary = etagOf(
    bytesOf("tokenizer/vocab.json"),
    bytesOf("tokenizer/vocab.json").length >= 10_000,
  );
  writeFileSync(blob(vocabulary), bytesOf("tokenizer/vocab.json"));
  server.options.fault = ({ file, origin }) =>
    origin === "store" && (file === vae || file === unet) ? { cutAfter: 100, status: 400 } : undefined;
  await expect(get("mine")).rejects.toThrow();
  server.options.fault = undefined;
  writeFileSync(blob(`${etag(unet)}.incomplete`), bytesOf(unet).subarray(0, 5000));
  const [left] = await listInterrupted(store);
  expect(left?.resume).toEqual({ what: repository, name: "mine" });
  const { freedBytes } = await removeModel(store, "mine");
  expect(freedBytes).toBe(left?.bytes);
  expect(readdirSync(blob(".")).sort()).toEqual([vocabulary, `${etag(vae)}.incomplete`].sort());
  expect(await listInterrupted(store)).toEqual([]);
});

it("keeps what a model uses that is there", async () => {
  await get();
  const kept = readdirSync(blob(".")).sort();
  const card = Buffer.from(bytesOf(unet)).fill(0, 1000);
  server.repositories[repository] = { files: { ...files, [unet]: card } };
  server.options.fault = ({ file, origin }) =>
    file === unet && origin === "store" ? { status: 400 } : undefined;
  await expect(get()).rejects.toThrow(unet);
  server.options.fault = undefined;
  writeFileSync(blob(`${etagOf(card, true)}.incomplete`), card.subarray(0, 2000));
  const [left] = await listInterrupted(store);
  expect(left?.bytes).toBe(2000);
  expect((await removeModel(store, repository)).freedBytes).toBe(2000);
  expect(readdirSync(blob(".")).sort()).toEqual(kept);
  expect(store.find("ir")?.drawable && existsSync(store.find("ir")?.drawable?.folder ?? "")).toBe(true);
});

it("of an older commit goes when a newer one is whole", async () => {
  await failAt(unet);
  const card = Buffer.from(bytesOf(unet)).fill(0, 1000);
  server.repositories[repository] = { files: { ...files, [unet]: card } };
  await get();
  expect(readdirSync(blob(".")).filter((name) => name.endsWith(".incomplete"))).toEqual([]);
  expect(store.read()).toMatchObject({ begun: [], interrupted: [] });
});

it("is not removed while it goes on", async () => {
  server.options.pieceBytes = 4096;
  // What tells what it is comes at full speed.
  server.options.fault = ({ file }) => {
    if (file === unet) server.options.pieceMilliseconds = 20;
    return undefined;
  };
  const controller = new AbortController();
  const running = get(undefined, controller.signal);
  while ((await listInterrupted(store)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await listInterrupted(store))[0]?.isRunning).toBe(true);
  await expect(removeModel(store, repository)).rejects.toThrow(
    "tiny/ir is being fetched. Stop that first, or wait until it is there.",
  );
  controller.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
});

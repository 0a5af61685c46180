// A repository moves on: the model that is there stays until the newer one is whole.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findModel } from "../../../src/models/findModel.ts";
import { getModel } from "../../../src/models/store/getModel.ts";
import type { GetRequest } from "../../../src/models/store/getRequest.ts";
import type { ModelWorkHooks } from "../../../src/models/store/modelWork.ts";
import { removeModel } from "../../../src/models/store/removeModel.ts";
import { convertStored } from "../../../src/models/store/storedConversion.ts";
import { verifyModel } from "../../../src/models/store/verifyModel.ts";
import { etagOf } from "../../hub/hubServer.ts";
import { servedFolder } from "../../hub/servedFolder.ts";
import { type HubStore, startHubStore, stopHubStore } from "./hubStore.ts";

const repository = "tiny/model";
const unet = "unet/diffusion_pytorch_model.safetensors";
const checkpoint = servedFolder("test/fixtures/convert/sdxl-like/source");
const ir = servedFolder("test/fixtures/tiny-sdxl");

/** Other weights in the same places: the last bytes are a tensor's. */
function changed(bytes: Uint8Array | undefined): Uint8Array {
  const copy = Buffer.from(bytes ?? []);
  copy.fill(0, copy.length - 256);
  return copy;
}

const newer = { ...checkpoint, [unet]: changed(checkpoint[unet]) };
const damaged = { ...checkpoint, "vae/diffusion_pytorch_model.safetensors": Buffer.alloc(50_000, 7) };

let hub: HubStore;
let server: HubStore["server"];
let store: HubStore["store"];
let settings: HubStore["settings"];

beforeEach(async () => {
  hub = await startHubStore({ [repository]: { files: checkpoint } });
  ({ server, store, settings } = hub);
});
afterEach(() => stopHubStore(hub));

const get = (request: Partial<GetRequest> = {}, hooks: ModelWorkHooks = {}) =>
  getModel(store, { what: repository, ...request }, { acceptLicense: async () => true, ...hooks }, settings);

const publish = (files: Readonly<Record<string, Uint8Array>>) => {
  server.repositories[repository] = { files };
  return server.commit(repository);
};

const cached = (...parts: string[]) => join(settings.cache, "models--tiny--model", ...parts);
const blobs = () => new Set(readdirSync(cached("blobs")));
const etagsOf = (files: Readonly<Record<string, Uint8Array>>) =>
  new Set(Object.values(files).map((bytes) => etagOf(bytes, bytes.length >= 10_000)));
const converted = () => readFileSync(join(findModel("model", store), "unet", "openvino_model.bin"));

async function expectWhole(): Promise<void> {
  expect((await verifyModel(store, "model")).problems).toEqual([]);
}

describe("a conversion", () => {
  it("is replaced when the newer one is whole, and what it was made of goes", async () => {
    await get();
    const [before, older] = [converted(), server.commit(repository)];
    const commit = publish(newer);
    const notes: string[] = [];
    await get({}, { onNote: (sentence) => notes.push(sentence) });
    expect(converted().equals(before)).toBe(false);
    await expectWhole();
    expect(store.find("model")?.source?.hub?.commit).toBe(commit);
    expect(readdirSync(store.folder).sort()).toEqual(["index.json", "locks", "model"]);
    // What both commits have was fetched once and stays.
    expect(blobs()).toEqual(etagsOf(newer));
    expect(existsSync(cached("snapshots", older))).toBe(false);
    expect(notes).toEqual(["What the older model was made of is removed: 768 kB."]);
    await removeModel(store, "model");
    expect(existsSync(cached())).toBe(false);
  });

  it("is drawn with as before where the newer one cannot be converted, or is cancelled on the way", async () => {
    await get();
    const before = converted();
    publish(damaged);
    await expect(get()).rejects.toThrow("is no safetensors file");
    expect(converted().equals(before)).toBe(true);
    publish(newer);
    for (const phase of ["fetch", "convert", "check"]) {
      const controller = new AbortController();
      const onProgress: ModelWorkHooks["onProgress"] = (progress) => {
        if (progress.phase === phase) controller.abort(new Error("stopped"));
      };
      await expect(get({}, { signal: controller.signal, onProgress }), phase).rejects.toThrow();
      expect(converted().equals(before), phase).toBe(true);
      expect(readdirSync(store.folder).sort(), phase).toEqual(["index.json", "locks", "model"]);
    }
    await get();
    expect(converted().equals(before)).toBe(false);
    await expectWhole();
  });

  it("is got again by the model's name, with the weights that it has", async () => {
    await get({ name: "mine", weights: "fp16" });
    const commit = publish(newer);
    const model = await get({ what: "mine" });
    expect(model).toMatchObject({ name: "mine", weights: "fp16", source: { hub: { commit } } });
    expect(readdirSync(store.folder).sort()).toEqual(["index.json", "locks", "mine"]);
  });

  it("stays with --no-convert, and a later conversion is of the newer commit", async () => {
    await get();
    const before = converted();
    publish(newer);
    expect(await get({ convert: false })).toMatchObject({ weights: "int8" });
    expect(converted().equals(before)).toBe(true);
    await convertStored(store, "model", {}, {});
    expect(converted().equals(before)).toBe(false);
    await expectWhole();
  });

  it("stays where the newer commit has the same model", async () => {
    await get();
    publish({ ...checkpoint, "README.md": Buffer.from("A card.") });
    const phases = new Set<string>();
    const before = server.transfers(unet).length;
    const model = await get({}, { onProgress: ({ phase }) => phases.add(phase) });
    expect(model.source?.hub?.commit).toBe(server.commit(repository));
    expect(server.transfers(unet)).toHaveLength(before);
    expect(phases).not.toContain("convert");
    await expectWhole();
  });
});

describe("a model that is ready to draw", () => {
  it("stays where the fetch of a newer one fails, and is replaced when that is whole", async () => {
    const older = publish(ir);
    await get();
    const before = findModel("model", store);
    expect(before).toBe(cached("snapshots", older));
    const bin = "unet/openvino_model.bin";
    const commit = publish({ ...ir, [bin]: changed(ir[bin]) });
    server.options.fault = ({ file }) => (file === bin ? { status: 403 } : undefined);
    await expect(get()).rejects.toThrow(bin);
    expect(findModel("model", store)).toBe(before);
    await expectWhole();
    server.options.fault = undefined;
    await get();
    expect(findModel("model", store)).toBe(cached("snapshots", commit));
    await expectWhole();
    expect(existsSync(before)).toBe(false);
  });

  it("gives way to a checkpoint only when that is converted", async () => {
    publish(ir);
    await get();
    const before = findModel("model", store);
    publish(checkpoint);
    await get({ convert: false });
    expect(findModel("model", store)).toBe(before);
    await expectWhole();
    await convertStored(store, "model", {}, {});
    expect(findModel("model", store)).toBe(join(store.folder, "model"));
    expect(existsSync(before)).toBe(false);
    await expectWhole();
  });
});

describe("of an older commit stays", () => {
  it("what Limner did not fetch, and what another tool's commit uses", async () => {
    const scheduler = Buffer.from(checkpoint["scheduler/scheduler_config.json"] ?? []);
    const mine = etagOf(scheduler, false);
    // Another tool has fetched the scheduler before.
    mkdirSync(cached("blobs"), { recursive: true });
    writeFileSync(cached("blobs", mine), scheduler);
    await get();
    const older = server.commit(repository);
    const shared = etagOf(checkpoint[unet] ?? Buffer.alloc(0), true);
    const theirs = cached("snapshots", "0".repeat(40), "unet");
    mkdirSync(theirs, { recursive: true });
    symlinkSync(`../../../blobs/${shared}`, join(theirs, "weights.safetensors"));
    publish({ ...newer, "scheduler/scheduler_config.json": Buffer.concat([scheduler, Buffer.from("\n")]) });
    await get();
    expect(blobs()).toContain(mine);
    expect(existsSync(cached("snapshots", older, "scheduler", "scheduler_config.json"))).toBe(true);
    expect(blobs()).toContain(shared);
    expect(
      readFileSync(join(theirs, "weights.safetensors")).equals(checkpoint[unet] ?? Buffer.alloc(0)),
    ).toBe(true);
  });
});

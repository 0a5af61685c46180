import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { getModel } from "../../../src/models/store/getModel.ts";
import { removeModel } from "../../../src/models/store/removeModel.ts";
import { repairModel } from "../../../src/models/store/repairModel.ts";
import { verifyModel } from "../../../src/models/store/verifyModel.ts";
import { servedFolder } from "../../hub/servedFolder.ts";
import { type HubStore, startHubStore, stopHubStore } from "./hubStore.ts";

let hub: HubStore;
let store: HubStore["store"];
let settings: HubStore["settings"];

beforeAll(async () => {
  hub = await startHubStore({ "tiny/ir": { files: servedFolder("test/fixtures/tiny-sdxl") } });
  ({ store, settings } = hub);
  await getModel(store, { what: "tiny/ir" }, { acceptLicense: async () => true }, settings);
});
afterAll(() => stopHubStore(hub));

it("offline deletes nothing; later it mends the cache that the model lies in", async () => {
  const place = store.find("ir")?.drawable?.folder ?? "";
  const damaged = join(place, "unet", "config.json");
  writeFileSync(damaged, "{}");
  const found = await verifyModel(store, "ir");
  expect(found.problems).toEqual([{ file: damaged, problem: "size" }]);
  const offline = repairModel(store, found, {}, { ...settings, offline: true });
  await expect(offline).rejects.toThrow("HF_HUB_OFFLINE forbids");
  expect(existsSync(damaged)).toBe(true);
  await repairModel(store, found, {}, { ...settings, cache: join(hub.folder, "another") });
  expect((await verifyModel(store, "ir")).problems).toEqual([]);
});

it("converts again what a conversion has lost", async () => {
  const source = servedFolder("test/fixtures/convert/sdxl-like/source");
  hub.server.repositories["tiny/diffusers"] = { files: source };
  await getModel(store, { what: "tiny/diffusers" }, { acceptLicense: async () => true }, settings);
  const bin = join(store.folder, "diffusers", "unet", "openvino_model.bin");
  const whole = readFileSync(bin);
  writeFileSync(bin, Buffer.from(whole).fill(0, 5000));
  const found = await verifyModel(store, "diffusers");
  expect(found.problems).toEqual([{ file: bin, problem: "content" }]);
  await repairModel(store, found, {}, settings);
  expect(readFileSync(bin).equals(whole)).toBe(true);
  expect((await verifyModel(store, "diffusers")).problems).toEqual([]);
  // Without its checkpoint it says what is to be done.
  await removeModel(store, "diffusers", "source");
  rmSync(bin);
  const lost = repairModel(store, await verifyModel(store, "diffusers"), {}, settings);
  await expect(lost).rejects.toThrow("Remove the model and get it again: limner models remove diffusers");
});

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HubSettings } from "../../../src/hub/hubSettings.ts";
import { getModel } from "../../../src/models/store/getModel.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";
import { removeModel } from "../../../src/models/store/removeModel.ts";
import { repairModel } from "../../../src/models/store/repairModel.ts";
import { verifyModel } from "../../../src/models/store/verifyModel.ts";
import { HubServer } from "../../hub/hubServer.ts";
import { servedFolder } from "../../hub/servedFolder.ts";

let folder: string;
let server: HubServer;
let store: ModelStore;
let settings: HubSettings;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-repair-"));
  server = await HubServer.start({ "tiny/ir": { files: servedFolder("test/fixtures/tiny-sdxl") } });
  store = new ModelStore(join(folder, "models"));
  const cache = join(folder, "hub");
  settings = { endpoint: server.endpoint, offline: false, cache, stallMilliseconds: 10_000 };
  await getModel(store, { what: "tiny/ir" }, { acceptLicense: async () => true }, settings);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

it("offline deletes nothing; later it mends the cache that the model lies in", async () => {
  const place = store.find("ir")?.drawable?.folder ?? "";
  const damaged = join(place, "unet", "config.json");
  writeFileSync(damaged, "{}");
  const found = await verifyModel(store, "ir");
  expect(found.problems).toEqual([{ file: damaged, problem: "size" }]);
  const offline = repairModel(store, found, {}, { ...settings, offline: true });
  await expect(offline).rejects.toThrow("HF_HUB_OFFLINE forbids");
  expect(existsSync(damaged)).toBe(true);
  await repairModel(store, found, {}, { ...settings, cache: join(folder, "another") });
  expect((await verifyModel(store, "ir")).problems).toEqual([]);
});

it("converts again what a conversion has lost", async () => {
  const source = servedFolder("test/fixtures/convert/sdxl-like/source");
  server.repositories["tiny/diffusers"] = { files: source };
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

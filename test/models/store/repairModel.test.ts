import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HubSettings } from "../../../src/hub/hubSettings.ts";
import { getModel } from "../../../src/models/store/getModel.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";
import { repairModel, verifyModel } from "../../../src/models/store/verifyModel.ts";
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

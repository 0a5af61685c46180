import { afterEach, beforeEach, expect, it } from "vitest";
import { getModel } from "../../../src/models/store/getModel.ts";
import { verifyModel } from "../../../src/models/store/verifyModel.ts";
import { servedFolder } from "../../hub/servedFolder.ts";
import { tinySingleFile } from "../../hub/tinySingleFile.ts";
import { type HubStore, startHubStore, stopHubStore } from "./hubStore.ts";

let hub: HubStore;
let server: HubStore["server"];
let store: HubStore["store"];
let settings: HubStore["settings"];

beforeEach(async () => {
  hub = await startHubStore({
    "tiny/ir": { files: servedFolder("test/fixtures/tiny-sdxl") },
    "tiny/single": { files: { "tiny.safetensors": tinySingleFile() } },
  });
  ({ server, store, settings } = hub);
});
afterEach(() => stopHubStore(hub));

it.each(["tiny/ir", "tiny/single"])(
  "%s is looked into, asked about with its memory, and fetched with no byte twice",
  async (what) => {
    let memory: number | undefined;
    const acceptLicense = async (question: { readonly memory?: { readonly memoryBytes: number } }) => {
      memory = question.memory?.memoryBytes;
      return true;
    };
    const { name, source, drawable } = await getModel(
      store,
      { what, convert: false },
      { acceptLicense },
      settings,
    );
    expect(memory).toBeGreaterThan(24 * 2 ** 20);
    expect((await verifyModel(store, name)).problems).toEqual([]);
    const files = (source ?? drawable)?.files ?? [];
    expect(files.length).toBeGreaterThan(0);
    // Files of the same contents are fetched once.
    for (const digest of new Set(files.map((file) => file.digest))) {
      const same = files.filter((file) => file.digest === digest);
      const sent = same.flatMap(({ path }) => server.transfers(path)).reduce((sum, one) => sum + one.sent, 0);
      expect(sent, same[0]?.path).toBe(same[0]?.size);
    }
  },
);

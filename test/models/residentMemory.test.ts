import { afterAll, beforeAll, expect, it } from "vitest";
import { openModel } from "../../src/host/openModel.ts";
import { openResources } from "../../src/host/resources.ts";
import { findModel } from "../../src/models/findModel.ts";
import { unload } from "../../src/models/idleUnload.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

const MiB = 2 ** 20;

// What "resident" counts is the same everywhere, but only Linux's allocator was looked at.
it.runIf(process.platform === "linux")(
  "memory falls when a submodel is dropped, by about the estimate",
  async () => {
    const resources = await openResources({ memory: 4096 * MiB });
    const execution = { device: "CPU", precision: "f32" } as const;
    const model = openModel(findModel(), runtime, execution, undefined, resources);
    const size = { width: 512, height: 512 };
    const sample = f32([1, 4, 64, 64], new Float32Array(4 * 64 * 64));
    const decode = () =>
      model.pipeline.submodels.use(
        "vae_decoder",
        async (decoder) => {
          const request = decoder.createInferRequest();
          await request.infer({ latent_sample: sample }, { outputs: [] });
          request.dispose();
        },
        { size },
      );
    // Code, tables and the allocator's arenas that stay for good are there after the first runs.
    for (let round = 0; round < 3; round++) {
      await decode();
      await unload(resources.residency);
    }
    const empty = process.memoryUsage.rss();
    await decode();
    const taken = process.memoryUsage.rss() - empty;
    const { held } = resources.residency;
    const freed = await unload(resources.residency);
    expect(freed.submodels).toBe(1);
    expect(freed.bytes).toBeGreaterThan(100 * MiB);
    expect(freed.bytes).toBeGreaterThan(0.8 * taken);
    expect(Math.abs(held - taken)).toBeLessThan(0.3 * taken);
    expect(resources.residency.statistics()).toEqual([]);
    await model.dispose();
  },
);

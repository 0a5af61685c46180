import { expect, it } from "vitest";
import { findModel } from "../../src/models/findModel.ts";
import { describeModel } from "../../src/models/inspectModel.ts";
import { needOf } from "../../src/models/memoryRefusal.ts";
import { readModelFolder } from "../../src/models/modelFolder.ts";
import { submodelMemory } from "../../src/models/submodelMemory.ts";

it("says what drawing takes of memory: the submodel that takes most, at the model's own size", async () => {
  const folder = readModelFolder(findModel());
  const kernels = { floatBytes: 4, fromCache: false } as const;
  const unet = await submodelMemory(folder, "unet", kernels);
  const decoder = await submodelMemory(folder, "vae_decoder", kernels);
  const { memoryBytes, bytes } = await describeModel(findModel());
  expect(memoryBytes).toBe(needOf([unet, decoder], { width: 128, height: 128 }));
  expect(memoryBytes).toBeGreaterThan(bytes);
});

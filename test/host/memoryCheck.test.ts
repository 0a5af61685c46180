import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkMemory } from "../../src/host/memoryCheck.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { openResources } from "../../src/host/resources.ts";
import { findModel } from "../../src/models/findModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

const MiB = 2 ** 20;

/** The box model with so many bytes of memory; none of it is loaded. */
async function boxWith(memory: number, device = "CPU"): Promise<OpenModel> {
  const resources = await openResources({ memory, available: async () => 64 * 1024 * MiB });
  return openModel(findModel(), runtime, { device, precision: "f32" }, undefined, resources);
}

const square = (side: number) => ({ width: side, height: side });

describe("a drawing that does not fit", () => {
  it("is refused with the largest size that does, which is not refused", async () => {
    const base = await boxWith(400 * MiB);
    await checkMemory({ base, size: square(128), fromPicture: true });
    const refused = checkMemory({ base, size: square(2048), fromPicture: false });
    await expect(refused).rejects.toMatchObject({
      code: "not-enough-memory",
      message: expect.stringMatching(
        /^A picture of 2048x2048 needs about [\d.]+ GB of memory, and Limner can have 0\.42 GB\. The largest/,
      ),
    });
    const message = String(await refused.catch((error: unknown) => error));
    const side = Number(/that fits is (\d+)x\1\./.exec(message)?.[1]);
    expect(side).toBeGreaterThan(512);
    await checkMemory({ base, size: square(side), fromPicture: false });
    const next = side + base.folder.config.sizeMultiple;
    await expect(checkMemory({ base, size: square(next), fromPicture: false })).rejects.toThrow();
  });

  it("counts a refiner's submodels too, one at a time", async () => {
    const base = await boxWith(150 * MiB);
    const refiner: OpenModel = {
      ...base,
      memoryOf: async () => ({ resident: 149 * MiB, working: () => 2 * MiB }),
    };
    const drawing = { base, size: square(128), fromPicture: false };
    await checkMemory(drawing);
    await expect(checkMemory({ ...drawing, refiner })).rejects.toThrow("The model does not fit at any size");
  });

  it("is left to the driver on other devices", async () => {
    const base: OpenModel = { ...(await boxWith(1)), execution: { device: "GPU", precision: "auto" } };
    await checkMemory({ base, size: square(4096), fromPicture: false });
  });
});

it("a budget is LIMNER_MEMORY in GB, else 60 % of what is available", async () => {
  const available = async () => 10e9;
  const budget = async (env: Record<string, string>) =>
    (await openResources({ env, available })).residency.budget;
  expect(await budget({ LIMNER_MEMORY: "2.5" })).toBe(2.5e9);
  expect(await budget({ LIMNER_MEMORY: " " })).toBe(6e9);
  expect(await budget({})).toBe(6e9);
  for (const wrong of ["much", "0", "-1", "Infinity"]) {
    await expect(budget({ LIMNER_MEMORY: wrong })).rejects.toMatchObject({ code: "usage" });
  }
});

it("models of a process share memory: one leaves where both do not fit, and prompts are remembered", async () => {
  const resources = await openResources({ memory: 30 * MiB, available: async () => 64 * 1024 * MiB });
  const execution = { device: "CPU", precision: "f32" } as const;
  const loads: string[] = [];
  const open = (name: string) =>
    openModel(
      resolve("test/fixtures/tiny-sdxl"),
      runtime,
      execution,
      (submodel) => loads.push(`${name} ${submodel}`),
      resources,
    );
  const [first, second] = [open("first"), open("second")];
  const touch = (model: OpenModel) => model.pipeline.submodels.use("unet", async () => {});
  await touch(first);
  await touch(first);
  await touch(second);
  expect(resources.residency.statistics()).toHaveLength(1);
  await touch(first);
  expect(loads).toEqual(["first unet", "second unet", "first unet"]);
  expect(first.pipeline.promptMemory?.cache).toBe(second.pipeline.promptMemory?.cache);
  expect(first.pipeline.promptMemory?.model).toBe(second.pipeline.promptMemory?.model);
  await first.dispose();
  expect(resources.residency.statistics()).toEqual([]);
  await second.dispose();
});

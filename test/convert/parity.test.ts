// Tiny pipelines of different shapes, converted and run in float32, against what torch computed with the same weights
// (test/reference/make_converter_fixtures.py).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { submodelNames } from "../../src/convert/conversion.ts";
import { convertModel } from "../../src/convert/convertModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";
import { fixtures, pipelines, runSubmodel, storedOutputs } from "./convertedModel.ts";

const folder = temporaryFolder();
let runtime: Runtime;

beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => {
  runtime?.dispose();
  rmSync(folder, { recursive: true });
});

/** The largest relative difference of each submodel's outputs, all of them by name. */
async function differences(converted: string, pipeline: string): Promise<Record<string, number>> {
  const { inputs, outputs } = storedOutputs(pipeline);
  const arrays = join(fixtures, pipeline, "outputs");
  const found: Record<string, number> = {};
  for (const submodel of submodelNames) {
    if (!inputs[submodel]) continue;
    const computed = await runSubmodel(runtime, join(converted, submodel), inputs[submodel], arrays);
    expect(Object.keys(computed).sort()).toEqual(Object.keys(outputs[submodel]).sort());
    for (const [name, file] of Object.entries(outputs[submodel])) {
      const tensor = computed[name];
      if (!(tensor?.data instanceof Float32Array)) throw new Error(`${name} is no float32`);
      const reference = readFloats(join(arrays, file));
      expect(tensor.shape, name).toEqual(reference.shape);
      found[`${submodel} ${name}`] = relativeDifference(tensor.data, reference.data);
    }
  }
  return found;
}

describe("a converted pipeline computes what torch does, to 1e-4", () => {
  it.each(pipelines)("%s", async (pipeline) => {
    const out = join(folder, pipeline);
    await convertModel({ source: join(fixtures, pipeline, "source"), out, weights: "fp32" });
    const found = await differences(out, pipeline);
    for (const [output, difference] of Object.entries(found)) expect(difference, output).toBeLessThan(1e-4);
  });

  it.each(["sdxl-like", "refiner-like"])("%s from a single file", async (pipeline) => {
    const out = join(folder, `${pipeline}-single`);
    const configuration = join(fixtures, pipeline, "source");
    const source = join(fixtures, pipeline, "single-file.safetensors");
    await convertModel({ source, out, weights: "fp32", configuration });
    const found = await differences(out, pipeline);
    for (const [output, difference] of Object.entries(found)) expect(difference, output).toBeLessThan(1e-4);
  });
});

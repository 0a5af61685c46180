// Single networks against torch: the UNet of Optimum Intel's export, and the submodels that Limner converts itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { submodelNames } from "../../src/convert/conversion.ts";
import type { CompiledModel, Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { createUnet } from "../../src/pipelines/noisePrediction.ts";
import { fixtures, runSubmodel, storedOutputs } from "../convert/convertedModel.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";
import type { TinyModels } from "./tinyModels.ts";

const outputs = "test/fixtures/tiny-sdxl-outputs";

/** One call of the tiny UNet by diffusers; the fields are files. */
export interface UnetCall {
  timestep: number;
  sample: string;
  encoderHiddenStates: string;
  textEmbeds: string;
  timeIds: string;
  output: string;
}

export const { unet: unetCalls }: { unet: UnetCall[] } = JSON.parse(
  readFileSync(join(outputs, "index.json"), "utf8"),
);

const stored = (file: string) => {
  const { shape, data } = readFloats(join(outputs, file));
  return f32(shape, data);
};

/** How far the UNet's prediction is from diffusers', relative. */
export async function compareUnetCall(call: UnetCall, models: TinyModels): Promise<number> {
  const predict = async (compiled: CompiledModel) => {
    const unet = createUnet(compiled);
    try {
      return await unet.predict(stored(call.sample), call.timestep, {
        embedding: { hiddenStates: stored(call.encoderHiddenStates), pooled: stored(call.textEmbeds) },
        timeIds: stored(call.timeIds),
      });
    } finally {
      unet.dispose();
    }
  };
  const fractionalTimesteps = !Number.isInteger(call.timestep);
  const { submodels } = models.model("tiny-sdxl").pipeline;
  const prediction = await submodels.use("unet", predict, { fractionalTimesteps });
  return relativeDifference(prediction, stored(call.output).data);
}

/** The outputs of each submodel of a converted pipeline that torch's are stored of, as `submodel output`. */
export function convertedOutputs(pipeline: string): string[] {
  const { outputs: files } = storedOutputs(pipeline);
  return submodelNames.flatMap((submodel) =>
    Object.keys(files[submodel] ?? {}).map((name) => `${submodel} ${name}`),
  );
}

/**
 * How far every output of a converted pipeline is from torch's, relative, by `submodel output`.
 * @param converted the folder that Limner wrote
 * @throws where an output is missing or has another shape
 */
export async function compareConverted(
  runtime: Runtime,
  converted: string,
  pipeline: string,
): Promise<Record<string, number>> {
  const { inputs, outputs: files } = storedOutputs(pipeline);
  const arrays = join(fixtures, pipeline, "outputs");
  const found: Record<string, number> = {};
  for (const submodel of submodelNames) {
    if (!inputs[submodel]) continue;
    const computed = await runSubmodel(runtime, join(converted, submodel), inputs[submodel], arrays);
    if (Object.keys(computed).sort().join() !== Object.keys(files[submodel]).sort().join())
      throw new Error(`${submodel} has the outputs ${Object.keys(computed)}`);
    for (const [name, file] of Object.entries(files[submodel])) {
      const tensor = computed[name];
      if (!(tensor?.data instanceof Float32Array)) throw new Error(`${name} is no float32`);
      const reference = readFloats(join(arrays, file));
      if (tensor.shape.join() !== reference.shape.join())
        throw new Error(`${submodel} ${name} has the shape ${tensor.shape}, not ${reference.shape}`);
      found[`${submodel} ${name}`] = relativeDifference(tensor.data, reference.data);
    }
  }
  return found;
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SubmodelName } from "../../src/convert/conversion.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import type { Tensor } from "../../src/openvino/tensor.ts";
import { readNpy } from "../support/npy.ts";

export const fixtures = "test/fixtures/convert";

/** The tiny pipelines, and what sets each apart. */
export const pipelines = [
  "sdxl-like",
  "refiner-like",
  "one-block",
  "conv-projection",
  "lcm",
  "inpaint",
  "mixed",
] as const;

type Files = Record<SubmodelName, Record<string, string>>;

/** Inputs of each submodel and what torch computes from them, as files. */
export interface StoredOutputs {
  readonly inputs: Files;
  readonly outputs: Files;
}

export function storedOutputs(pipeline: string): StoredOutputs {
  return JSON.parse(readFileSync(join(fixtures, pipeline, "index.json"), "utf8"));
}

/** A stored array as an input of the runtime. */
function inputTensor(file: string): Tensor {
  const { shape, data } = readNpy(file);
  if (data instanceof Float32Array) return { type: "f32", shape, data };
  if (data instanceof BigInt64Array) return { type: "i64", shape, data };
  throw new Error(`${file} is no input`);
}

/** Runs a converted submodel in float32 and gives its outputs by name. */
export async function runSubmodel(
  runtime: Runtime,
  folder: string,
  inputs: Readonly<Record<string, string>>,
  arrays: string,
): Promise<Record<string, Tensor>> {
  const properties = { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: "0" };
  const model = await runtime.compile({ xml: join(folder, "openvino_model.xml") }, { properties });
  const request = model.createInferRequest();
  try {
    const given = Object.entries(inputs).map(([name, file]) => [name, inputTensor(join(arrays, file))]);
    return await request.infer(Object.fromEntries(given));
  } finally {
    request.dispose();
    model.dispose();
  }
}

/** The folders of submodels that a converted model has. */
export function submodelsIn(folder: string): string[] {
  const names = ["text_encoder", "text_encoder_2", "unet", "vae_decoder", "vae_encoder"];
  return names.filter((name) => existsSync(join(folder, name, "openvino_model.xml")));
}

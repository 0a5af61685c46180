import { readFileSync } from "node:fs";
import path from "node:path";
import { f32, i64, type Tensor } from "../../../src/openvino/tensor.ts";
import { readFloats } from "../../support/npy.ts";

const fixtures = path.join(import.meta.dirname, "../../fixtures");
const outputs = path.join(fixtures, "tiny-sdxl-outputs");

/** A submodel of the tiny SDXL that Optimum Intel exported in f32. */
export function tinySubmodel(name: string): { xml: string; bin: string } {
  const folder = path.join(fixtures, "tiny-sdxl", name);
  return { xml: path.join(folder, "openvino_model.xml"), bin: path.join(folder, "openvino_model.bin") };
}

interface StoredCase {
  readonly timestep: number;
  readonly sample: string;
  readonly encoderHiddenStates: string;
  readonly textEmbeds: string;
  readonly timeIds: string;
  readonly output: string;
}

const stored = (file: string) => readFloats(path.join(outputs, file));

/** Inputs and output of diffusers' UNet at a timestep, with a batch of one. @param type of the timestep */
export function unetCase(
  timestep: number,
  type: "i64" | "f32",
): { inputs: Record<string, Tensor>; output: Float32Array } {
  const cases = JSON.parse(readFileSync(path.join(outputs, "index.json"), "utf8")).unet as StoredCase[];
  const found = cases.find((one) => one.timestep === timestep);
  if (!found) throw new Error(`There is no stored output for timestep ${timestep}`);
  const tensor = (file: string) => {
    const { shape, data } = stored(file);
    return f32(shape, data);
  };
  return {
    inputs: {
      sample: tensor(found.sample),
      timestep: type === "i64" ? i64([1], [timestep]) : f32([1], [timestep]),
      encoder_hidden_states: tensor(found.encoderHiddenStates),
      text_embeds: tensor(found.textEmbeds),
      time_ids: tensor(found.timeIds),
    },
    output: stored(found.output).data,
  };
}

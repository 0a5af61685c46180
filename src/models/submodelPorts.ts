import type { CompiledModel, Port } from "../openvino/runtime.ts";
import { shapeText } from "../openvino/tensor.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** The inputs and outputs a pipeline uses, with the dimensions it relies on (`undefined`: any). */
type Expectation = Record<string, readonly (number | undefined)[]>;

function expectations(model: ModelFolder, submodel: SubmodelName): Expectation {
  const { latentChannels, unetInputChannels, timeIdCount, guidanceEmbeddingWidth } = model.config;
  switch (submodel) {
    case "text_encoder":
    case "text_encoder_2":
      return { input_ids: [undefined, undefined] };
    case "unet":
      return {
        sample: [undefined, unetInputChannels, undefined, undefined],
        encoder_hidden_states: [undefined, undefined, model.crossAttentionWidth],
        time_ids: [undefined, timeIdCount],
        ...(guidanceEmbeddingWidth ? { timestep_cond: [undefined, guidanceEmbeddingWidth] } : {}),
        out_sample: [undefined, latentChannels, undefined, undefined],
      };
    case "vae_encoder":
      return { latent_parameters: [undefined, 2 * latentChannels, undefined, undefined] };
    case "vae_decoder":
    case "taesd_decoder":
      return {
        latent_sample: [undefined, latentChannels, undefined, undefined],
        sample: [undefined, 3, undefined, undefined],
      };
  }
}

function fits(port: Port, expected: readonly (number | undefined)[]): boolean {
  if (port.shape === undefined) return true;
  if (port.shape.length !== expected.length) return false;
  return port.shape.every(
    (length, axis) => length < 0 || expected[axis] === undefined || length === expected[axis],
  );
}

/** @throws LimnerError `model-damaged` when the IR is not the one that the configuration describes */
export function checkPorts(model: ModelFolder, submodel: SubmodelName, compiled: CompiledModel): void {
  const ports = [...compiled.inputs, ...compiled.outputs];
  for (const [name, expected] of Object.entries(expectations(model, submodel))) {
    const port = ports.find((one) => one.name === name);
    if (!port) {
      throw new LimnerError(
        "model-damaged",
        `${model.xml(submodel)} has no input or output named ${name}. Export the model again with Optimum Intel.`,
      );
    }
    if (!fits(port, expected)) {
      const wanted = `[${expected.map((length) => length ?? "?").join(",")}]`;
      throw new LimnerError(
        "model-damaged",
        `${model.xml(submodel)}: ${name} has shape ${shapeText(port.shape ?? [])}, but the model's configuration says ` +
          `${wanted}. The files do not belong together: get the model again.`,
      );
    }
  }
}

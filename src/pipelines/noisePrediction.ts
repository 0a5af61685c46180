import type { PromptEmbedding } from "../conditioning/promptEmbeddings.ts";
import type { CompiledModel, InferRequest } from "../openvino/runtime.ts";
import { f32, i64, type Tensor, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** Everything that conditions one call of the UNet. */
export interface UnetConditioning {
  embedding: PromptEmbedding;
  /** `[1, 6]` for a base model, `[1, 5]` for a refiner. */
  timeIds: TensorOf<"f32">;
  /** The guidance scale, `[1, width]`, for UNets that take it as an input (`timestep_cond`). */
  guidanceEmbedding?: TensorOf<"f32">;
}

/** A UNet of batch 1, ready to be called. */
export interface Unet {
  /**
   * The model's output for one latent image.
   * @param sample scaled latents `[1, channels, height, width]`, for inpainting models with the channels beside them
   * @param timestep as the scheduler gives it
   * @returns `[1, latent channels, height, width]`
   */
  predict(
    sample: TensorOf<"f32">,
    timestep: number,
    conditioning: UnetConditioning,
    signal?: AbortSignal,
  ): Promise<Float32Array>;
  dispose(): void;
}

/** The timestep in the type and rank that the model's input has. */
function timestepTensor(model: CompiledModel, timestep: number): Tensor {
  const port = model.inputs.find((input) => input.name === "timestep");
  if (!port)
    throw new LimnerError("model-unsupported", "The UNet has no input named timestep: is this SDXL?");
  const shape = (port.shape ?? [1]).map(() => 1);
  if (port.type === "f32") return f32(shape, [timestep]);
  if (!Number.isInteger(timestep)) {
    throw new LimnerError(
      "model-unsupported",
      `This sampler needs the fractional timestep ${timestep}, but this model's UNet takes whole ones only. ` +
        "Choose another sampler or leave out the sigmas option.",
    );
  }
  return i64(shape, [timestep]);
}

/** Wraps a compiled UNet with Optimum Intel's input and output names. */
export function createUnet(model: CompiledModel): Unet {
  const request: InferRequest = model.createInferRequest();
  return {
    async predict(sample, timestep, { embedding, timeIds, guidanceEmbedding }, signal) {
      const outputs = await request.infer(
        {
          sample,
          timestep: timestepTensor(model, timestep),
          encoder_hidden_states: embedding.hiddenStates,
          text_embeds: embedding.pooled,
          time_ids: timeIds,
          ...(guidanceEmbedding ? { timestep_cond: guidanceEmbedding } : {}),
        },
        { signal, outputs: ["out_sample"] },
      );
      const prediction = outputs["out_sample"];
      const [, , height, width] = sample.shape;
      const [, , outHeight, outWidth] = prediction?.shape ?? [];
      if (prediction?.type !== "f32" || outHeight !== height || outWidth !== width) {
        throw new LimnerError(
          "model-damaged",
          "The UNet's out_sample is not shaped like its input. Get the model again.",
        );
      }
      return prediction.data;
    },
    dispose: () => request.dispose(),
  };
}

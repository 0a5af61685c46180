import type { CompiledModel } from "../openvino/runtime.ts";
import { f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { type LatentScale, toUnetScale } from "./latentScale.ts";

/** The Gaussian that a VAE encoder gives for a picture: mean and logarithm of the variance of each latent. */
export interface LatentDistribution {
  /** `[1, latent channels, height/8, width/8]` */
  shape: readonly number[];
  mean: Float32Array;
  logVariance: Float32Array;
}

/** What an encoder's output says. @param moments `[1, 2 · latent channels, height/8, width/8]` */
export function distributionOf({ shape, data }: TensorOf<"f32">): LatentDistribution {
  const [batch = 1, channels = 0, height = 0, width = 0] = shape;
  const half = data.length / 2;
  return {
    shape: [batch, channels / 2, height, width],
    mean: data.slice(0, half),
    logVariance: data.slice(half),
  };
}

/**
 * Encodes a picture.
 * @param encoder with Optimum Intel's names: `sample` to `latent_parameters`
 * @param sample `[1, 3, height, width]`, −1 to 1
 */
export async function encodePlanes(
  encoder: CompiledModel,
  sample: TensorOf<"f32">,
  signal?: AbortSignal,
): Promise<LatentDistribution> {
  const request = encoder.createInferRequest();
  try {
    const { latent_parameters: moments } = await request.infer(
      { sample },
      { signal, outputs: ["latent_parameters"] },
    );
    if (moments?.type !== "f32") {
      throw new LimnerError("model-damaged", "The VAE encoder gives no float latents. Get the model again.");
    }
    return distributionOf(moments);
  } finally {
    request.dispose();
  }
}

/**
 * Latents drawn from the distribution, `mean + exp(½·clamp(logvar, −30, 20))·noise` as diffusers'
 * `DiagonalGaussianDistribution` has it, and scaled for the UNet.
 * @param noise standard normal, one value a latent
 */
export function sampleLatents(
  { shape, mean, logVariance }: LatentDistribution,
  noise: Float32Array,
  scale: LatentScale,
): TensorOf<"f32"> {
  const { fround } = Math;
  const latents = mean.map((center, i) => {
    const clamped = Math.min(20, Math.max(-30, logVariance[i] as number));
    const deviation = fround(Math.exp(fround(clamped * 0.5)));
    return center + fround(deviation * (noise[i] as number));
  });
  return toUnetScale(f32(shape, latents), scale);
}

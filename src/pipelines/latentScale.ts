import { f32, type TensorOf } from "../openvino/tensor.ts";
import type { LatentStatistics, PipelineConfig } from "./pipelineConfig.ts";

/** What of a model's configuration says how the UNet's latents are scaled. */
export type LatentScale = Pick<PipelineConfig, "scalingFactor" | "latentStatistics">;

/** The statistics of the channel that a value of `[1, channels, height, width]` belongs to. */
function channelOf(index: number, shape: readonly number[], { mean, std }: LatentStatistics) {
  const [, , height = 0, width = 0] = shape;
  const channel = Math.floor(index / (height * width)) % mean.length;
  return { mean: Math.fround(mean[channel] as number), std: Math.fround(std[channel] as number) };
}

/**
 * The VAE's latents as the UNet takes them: `z · scaling`, or `(z − mean) · scaling / std` where the model has
 * statistics of its own (Playground v2.5), in float32 as diffusers computes it.
 * @param latents `[1, channels, height, width]`
 */
export function toUnetScale(
  { shape, data }: TensorOf<"f32">,
  { scalingFactor, latentStatistics }: LatentScale,
): TensorOf<"f32"> {
  const { fround } = Math;
  const scale = fround(scalingFactor);
  if (!latentStatistics) {
    return f32(
      shape,
      data.map((value) => value * scale),
    );
  }
  return f32(
    shape,
    data.map((value, index) => {
      const { mean, std } = channelOf(index, shape, latentStatistics);
      return fround(fround(value - mean) * scale) / std;
    }),
  );
}

/**
 * The UNet's latents as the VAE takes them: `z / scaling`, or `z · std / scaling + mean`.
 * @param latents `[1, channels, height, width]`
 */
export function toVaeScale(
  { shape, data }: TensorOf<"f32">,
  { scalingFactor, latentStatistics }: LatentScale,
): TensorOf<"f32"> {
  const { fround } = Math;
  if (!latentStatistics) {
    return f32(
      shape,
      data.map((value) => value / scalingFactor),
    );
  }
  return f32(
    shape,
    data.map((value, index) => {
      const { mean, std } = channelOf(index, shape, latentStatistics);
      return fround(fround(value * std) / scalingFactor) + mean;
    }),
  );
}

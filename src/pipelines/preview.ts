import { latentPreview } from "../images/latentPreview.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import { f32, type TensorOf } from "../openvino/tensor.ts";
import { clearEstimate } from "../schedulers/clearEstimate.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import type { DoneStep } from "./denoisingLoop.ts";
import { decodePlanes, toPixels } from "./imageDecoding.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * A small picture of what latents will become, without the VAE: by the model's tiny decoder where it has one (TAESD
 * takes the latents as the denoising loop has them), else one pixel a latent.
 * @param clear `[1, latent channels, height/8, width/8]`
 * @returns nothing where neither is known for the model
 */
export async function previewOf(
  { config, submodels }: Pipeline,
  clear: TensorOf<"f32">,
  signal?: AbortSignal,
): Promise<RgbImage | undefined> {
  if (config.hasPreviewDecoder) {
    const planes = await submodels.use("taesd_decoder", (model) => decodePlanes(model, clear, signal));
    return toPixels(planes);
  }
  const map = config.latentRgb;
  return map?.weights[0]?.length === config.latentChannels ? latentPreview(clear, map) : undefined;
}

/** The preview after a step of a run: of the clear latents that the step's prediction amounts to. */
export function previewOfStep(
  pipeline: Pipeline,
  scheduler: Scheduler,
  { index, sample, prediction }: DoneStep,
  shape: readonly number[],
  signal?: AbortSignal,
): Promise<RgbImage | undefined> {
  const { schedulerConfig } = pipeline.config;
  const clear = clearEstimate(scheduler, schedulerConfig, prediction, index, sample);
  return previewOf(pipeline, f32(shape, clear), signal);
}

import { fitImage } from "../images/fitting.ts";
import { regionOf } from "../images/region.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import type { DrawHooks } from "./pipeline.ts";
import { rememberingEncoder } from "./rememberingEncoder.ts";
import type { PreparedStage, StageParameters } from "./stage.ts";
import { runStage } from "./stageRun.ts";
import { decodeLatents } from "./tiles/vae.ts";

/** How a picture is enlarged, with every default filled in. */
export interface UpscaleParameters {
  /** How many times as wide and high the picture becomes. */
  factor: number;
  /** The pictures given are enlarged as they are, without being drawn anew first. */
  alone: boolean;
  /** What is done to the enlarged picture: image to image with a strength, through windows of `unetWindow`. */
  stage: StageParameters;
}

/**
 * The size that a picture is enlarged to.
 * @param multiple of the model's sizes
 * @returns the exact size, and the one that is drawn: the model's next larger one, of which the rest is cut off
 */
export function enlargedSize(
  { width, height }: Size,
  factor: number,
  multiple: number,
): { exact: Size; drawn: Size } {
  const exact = { width: Math.round(width * factor), height: Math.round(height * factor) };
  const up = (length: number) => Math.ceil(length / multiple) * multiple;
  return { exact, drawn: { width: up(exact.width), height: up(exact.height) } };
}

/**
 * Enlarges a picture by Lanczos resampling and draws it anew with a low strength, which gives it the detail that
 * resampling cannot.
 * @param seed the image's, for a generator of its own
 * @param index of the image in the batch, for the hooks
 */
export async function upscaleImage(
  stage: PreparedStage,
  { factor }: UpscaleParameters,
  image: RgbImage,
  { seed, index }: { seed: number; index: number },
  hooks: DrawHooks,
): Promise<{ image: RgbImage; latents: TensorOf<"f32"> }> {
  const { pipeline, parameters } = stage;
  const { exact, drawn } = enlargedSize(image, factor, pipeline.config.sizeMultiple);
  const larger = regionOf(await fitImage(image, exact, "stretch"), { x: 0, y: 0, ...drawn });
  const encode = rememberingEncoder(stage, hooks.signal);
  const generator = new TorchGenerator(seed);
  const latents = await runStage(stage, { kind: "image", image: larger }, generator, encode, hooks, index);
  const decoded = await decodeLatents(pipeline, latents, { tile: parameters.tile, signal: hooks.signal });
  return { image: regionOf(decoded, { x: 0, y: 0, ...exact }), latents };
}

import type { Mask } from "../images/mask.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import type { DrawHooks, Pipeline } from "./pipeline.ts";
import type { PipelineConfig } from "./pipelineConfig.ts";
import { prepareStage, type StageParameters } from "./stage.ts";
import { rememberingEncoder, runStage, type StageSource } from "./stageRun.ts";
import { decodeLatents } from "./tiles/vae.ts";
import type { Variation } from "./variation.ts";

/** A picture to begin with, prepared to the size that is drawn, and what of it is to be painted anew. */
export interface Picture {
  image: RgbImage;
  mask?: Mask;
}

/** A request with every default filled in. */
export interface DrawParameters {
  size: Size;
  /** Seeds of the images, one each: image k has a generator of its own, and each stage a fresh one. */
  seeds: readonly number[];
  /** Noises that are mixed into those of the images, one each. */
  variations?: readonly Variation[];
  base: StageParameters;
  /** What the refiner does with the base's latents. */
  refine?: StageParameters;
}

/** What is drawn with and from. */
export interface DrawSources {
  base: Pipeline;
  /** Needed where the parameters have a `refine` stage. */
  refiner?: Pipeline;
  /** Pictures to begin with, image k with picture k (and again from the first); without any, pure noise. */
  pictures?: readonly Picture[];
}

/** One finished picture of a request. */
export interface DrawnImage {
  index: number;
  seed: number;
  /** Name of the sampler. */
  scheduler: string;
  image: RgbImage;
  /** `[1, channels, height/8, width/8]`: what diffusers returns for `output_type="latent"`. */
  latents: TensorOf<"f32">;
}

function checkSize({ width, height }: Size, { sizeMultiple }: PipelineConfig): void {
  if (width % sizeMultiple === 0 && height % sizeMultiple === 0) return;
  const nearest = (length: number) => Math.max(1, Math.round(length / sizeMultiple)) * sizeMultiple;
  throw new LimnerError(
    "invalid-request",
    `The size ${width}x${height} does not divide: this model's width and height are multiples of ${sizeMultiple}. ` +
      `The nearest is ${nearest(width)}x${nearest(height)}.`,
  );
}

/** @throws LimnerError `model-unsupported` when the model is made for another kind of source */
function checkSource(config: PipelineConfig, pictures: readonly Picture[] | undefined): void {
  const isInpainting = config.unetInputChannels > config.latentChannels;
  if (!pictures && (isInpainting || config.timeIdCount !== 6)) {
    throw new LimnerError(
      "model-unsupported",
      "This model cannot draw from text alone: it is an inpainting model or a refiner. Choose a base model.",
    );
  }
  if (isInpainting && !pictures?.every((picture) => picture.mask)) {
    throw new LimnerError(
      "model-unsupported",
      "This is an inpainting model: it needs a mask. Give one, or choose a base model.",
    );
  }
}

/**
 * Draws the images of a request one after the other, as diffusers' SDXL pipelines do: from noise, from pictures or
 * within a mask, and with a refiner after the base.
 * @throws LimnerError `invalid-request` for a size, sampler or part of the schedule that does not fit,
 *   `model-unsupported` for a model that is made for something else, `cancelled` when the signal is aborted
 */
export async function* drawImages(
  { base, refiner, pictures }: DrawSources,
  parameters: DrawParameters,
  hooks: DrawHooks = {},
): AsyncGenerator<DrawnImage, void, undefined> {
  const { size, seeds } = parameters;
  const { signal } = hooks;
  const { refine } = parameters;
  if (refine && !refiner) throw new Error("a refine stage needs a refiner");
  checkSource(base.config, pictures);
  for (const pipeline of refine && refiner ? [base, refiner] : [base]) checkSize(size, pipeline.config);

  hooks.onStage?.("encode", 0, 0);
  const first = await prepareStage(base, parameters.base, hooks);
  const second = refine && refiner ? await prepareStage(refiner, refine, hooks) : undefined;
  const firstSteps = first.part.end - first.part.start;
  const steps = firstSteps + (second ? second.part.end - second.part.start : 0);
  hooks.onPlan?.(steps);
  const encode = rememberingEncoder(first, signal);
  const afterFirst: DrawHooks = {
    ...hooks,
    onStage: (stage, image, step) => hooks.onStage?.(stage, image, firstSteps + step),
  };

  for (const [index, seed] of seeds.entries()) {
    hooks.onStage?.("denoise", index, 0);
    const picture = pictures?.[index % pictures.length];
    const variation = parameters.variations?.[index];
    const source: StageSource = picture
      ? { kind: "image", ...picture, variation }
      : { kind: "noise", size, variation };
    let latents = await runStage(first, source, new TorchGenerator(seed), encode, hooks, index);
    if (second) {
      const rest: StageSource = { kind: "latents", latents, mask: picture?.mask };
      latents = await runStage(second, rest, new TorchGenerator(seed), encode, afterFirst, index);
    }

    hooks.onStage?.("decode", index, steps);
    // Both decode alike: a refiner works on its base's latents.
    const image = await decodeLatents(base, latents, { tile: parameters.base.tile, signal });
    yield { index, seed, scheduler: first.schedulerName, image, latents };
  }
}

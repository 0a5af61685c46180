import type { Mask } from "../images/mask.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import type { DrawHooks, Pipeline } from "./pipeline.ts";
import { hasMaskChannels, type PipelineConfig } from "./pipelineConfig.ts";
import { type Encode, rememberingEncoder } from "./rememberingEncoder.ts";
import { type PreparedStage, prepareStage, type StageParameters } from "./stage.ts";
import type { StageSource } from "./stageBeginning.ts";
import { runStage } from "./stageRun.ts";
import { decodeLatents } from "./tiles/vae.ts";
import { type UpscaleParameters, upscaleImage } from "./upscaling.ts";
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
  /** How the finished picture is enlarged, by the refiner where there is one. */
  upscale?: UpscaleParameters;
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
  const isInpainting = hasMaskChannels(config);
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

/** The stages of a request, ready to run; `first` is missing where pictures are only enlarged. */
interface PreparedStages {
  first?: PreparedStage;
  second?: PreparedStage;
  upscale?: { stage: PreparedStage; parameters: UpscaleParameters };
}

async function prepareStages(
  { base, refiner }: DrawSources,
  parameters: DrawParameters,
  hooks: DrawHooks,
): Promise<PreparedStages> {
  const { refine, upscale } = parameters;
  const drawsAnew = !upscale?.alone;
  const finisher = refine && refiner ? refiner : base;
  return {
    first: drawsAnew ? await prepareStage(base, parameters.base, hooks) : undefined,
    second: drawsAnew && refine && refiner ? await prepareStage(refiner, refine, hooks) : undefined,
    upscale: upscale && {
      stage: await prepareStage(finisher, upscale.stage, hooks),
      parameters: upscale,
    },
  };
}

/** Steps that a stage takes. */
function stepsOf(stage: PreparedStage | undefined): number {
  return stage ? stage.part.end - stage.part.start : 0;
}

/** Hooks of a stage that comes after `done` steps. */
function hooksAfter(hooks: DrawHooks, done: number): DrawHooks {
  return { ...hooks, onStage: (stage, image, step) => hooks.onStage?.(stage, image, done + step) };
}

/** An image on its way through the stages. */
interface ImageInWork {
  index: number;
  seed: number;
  picture?: Picture;
}

/** Draws one image with the base and the refiner. @returns final latents */
async function drawLatents(
  first: PreparedStage,
  second: PreparedStage | undefined,
  { index, seed, picture }: ImageInWork,
  { size, variations }: DrawParameters,
  encode: Encode,
  hooks: DrawHooks,
): Promise<TensorOf<"f32">> {
  const variation = variations?.[index];
  const source: StageSource = picture
    ? { kind: "image", ...picture, variation }
    : { kind: "noise", size, variation };
  const latents = await runStage(first, source, new TorchGenerator(seed), encode, hooks, index);
  if (!second) return latents;
  const rest: StageSource = { kind: "latents", latents, mask: picture?.mask };
  return runStage(second, rest, new TorchGenerator(seed), encode, hooksAfter(hooks, stepsOf(first)), index);
}

/**
 * Draws the images of a request one after the other, as diffusers' SDXL pipelines do: from noise, from pictures or
 * within a mask, with a refiner after the base, and enlarged in the end.
 * @throws LimnerError `invalid-request` for a size, sampler or part of the schedule that does not fit,
 *   `model-unsupported` for a model that is made for something else, `cancelled` when the signal is aborted
 */
export async function* drawImages(
  sources: DrawSources,
  parameters: DrawParameters,
  hooks: DrawHooks = {},
): AsyncGenerator<DrawnImage, void, undefined> {
  const { base, refiner, pictures } = sources;
  const { size, seeds, refine, upscale } = parameters;
  const { signal } = hooks;
  if (refine && !refiner) throw new Error("a refine stage needs a refiner");
  if (upscale?.alone && !pictures) throw new Error("there is no picture to enlarge");
  checkSource(base.config, pictures);
  const drawing = refine && refiner ? [base, refiner] : [base];
  if (!upscale?.alone) for (const pipeline of drawing) checkSize(size, pipeline.config);

  hooks.onStage?.("encode", 0, 0);
  const stages = await prepareStages(sources, parameters, hooks);
  const { first, second } = stages;
  const stepsBefore = stepsOf(first) + stepsOf(second);
  // A refiner may have a decoder of its own, as each of diffusers' pipelines has.
  const { pipeline: finisher } = second ?? first ?? { pipeline: base };
  const steps = stepsBefore + stepsOf(stages.upscale?.stage);
  hooks.onPlan?.(steps);
  const encode = first && rememberingEncoder(first, signal);
  const { schedulerName: scheduler = "" } = first ?? stages.upscale?.stage ?? {};

  for (const [index, seed] of seeds.entries()) {
    hooks.onStage?.("denoise", index, 0);
    const picture = pictures?.[index % pictures.length];
    let drawn: { image: RgbImage; latents?: TensorOf<"f32"> } | undefined = picture;
    if (first && encode) {
      const latents = await drawLatents(first, second, { index, seed, picture }, parameters, encode, hooks);
      hooks.onStage?.("decode", index, stepsBefore);
      drawn = {
        image: await decodeLatents(finisher, latents, { tile: parameters.base.tile, signal }),
        latents,
      };
    }
    if (stages.upscale && drawn) {
      if (first) hooks.onStage?.("denoise", index, stepsBefore);
      const { stage, parameters: how } = stages.upscale;
      const after = hooksAfter(hooks, stepsBefore);
      drawn = await upscaleImage(stage, how, drawn.image, { seed, index }, after);
    }
    if (!drawn?.latents) throw new Error("nothing was drawn");
    yield { index, seed, scheduler, image: drawn.image, latents: drawn.latents };
  }
}

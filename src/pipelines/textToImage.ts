import { embedPrompts, type PromptEncoder, type Prompts } from "../conditioning/promptEmbeddings.ts";
import { type MicroConditioning, timeIds } from "../conditioning/timeIds.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { CompiledModel } from "../openvino/runtime.ts";
import { elementCount, f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Stage } from "../protocol/progress.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import { createScheduler, type SchedulerOverrides, schedulerNameOf } from "../schedulers/catalogue.ts";
import { hasFractionalTimesteps, type Scheduler } from "../schedulers/scheduler.ts";
import { SchedulerError } from "../schedulers/schedulerConfig.ts";
import { denoise } from "./denoisingLoop.ts";
import { type Guidance, guidanceEmbedding } from "./guidance.ts";
import { decodeImage } from "./imageDecoding.ts";
import { createUnet, type UnetConditioning } from "./noisePrediction.ts";
import type { PipelineConfig } from "./pipelineConfig.ts";
import type { Submodels } from "./submodels.ts";

/** A model that can draw: its configuration, its prompt encoders and its submodels. */
export interface Pipeline {
  config: PipelineConfig;
  promptEncoders: readonly PromptEncoder[];
  submodels: Submodels;
}

/** A text-to-image request with every default filled in. */
export interface TextToImageParameters extends Prompts, MicroConditioning {
  size: Size;
  steps: number;
  guidanceScale: number;
  /** How much of the unguided contrast is brought back, 0 to 1 (default: 0). */
  guidanceRescale?: number;
  /** The part of the steps that is guided (default: all). */
  guidanceRange?: Guidance["range"];
  /** Seeds of the images, one each: image k has a generator of its own. */
  seeds: readonly number[];
  /** Sampler name; the folder's own when absent. */
  scheduler?: string;
  /** What to change in the scheduler's configuration. */
  schedulerOverrides?: SchedulerOverrides;
  /** Sigmas of the run instead of the sampler's own, one more than there are steps. */
  sigmasList?: readonly number[];
  /** η of samplers that take it, from 0 to 1 (default: 0). */
  eta?: number;
  /** Micro-conditioning of the negative prompt; the positive one's when absent. */
  negativeConditioning?: MicroConditioning;
}

/** What a caller may watch and stop. */
export interface DrawHooks {
  signal?: AbortSignal;
  onWarning?(sentence: string): void;
  /** Called before each stage, and after each step of the `denoise` stage (`step` steps are done then). */
  onStage?(stage: Stage, image: number, step: number): void;
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

/** A sampler with its timesteps set, and its name. */
interface PlannedScheduler {
  name: string;
  scheduler: Scheduler;
}

function planScheduler(config: PipelineConfig, parameters: TextToImageParameters): PlannedScheduler {
  const { scheduler: asked, schedulerOverrides, steps, sigmasList, eta = 0 } = parameters;
  try {
    const name = asked ?? schedulerNameOf(config.schedulerConfig);
    const scheduler = createScheduler(config.schedulerConfig, asked, schedulerOverrides);
    if (eta > 0 && !scheduler.takesEta) {
      throw new SchedulerError(`The ${name} sampler takes no eta. Leave it out or choose ddim or tcd.`);
    }
    scheduler.setTimesteps(steps, sigmasList ? { sigmas: sigmasList } : undefined);
    return { name, scheduler };
  } catch (error) {
    if (error instanceof SchedulerError)
      throw new LimnerError("invalid-request", error.message, { cause: error });
    throw error;
  }
}

/**
 * Draws the images of a request one after the other, each as diffusers' `StableDiffusionXLPipeline` does.
 * @throws LimnerError `invalid-request` for a size or sampler that does not fit the model, `model-unsupported` for
 *   a model that cannot draw from text alone, `cancelled` when the signal is aborted
 */
export async function* textToImage(
  { config, promptEncoders, submodels }: Pipeline,
  parameters: TextToImageParameters,
  hooks: DrawHooks = {},
): AsyncGenerator<DrawnImage, void, undefined> {
  const { size, guidanceScale } = parameters;
  const { signal } = hooks;
  checkSize(size, config);
  if (config.unetInputChannels !== config.latentChannels || config.timeIdCount !== 6) {
    throw new LimnerError(
      "model-unsupported",
      "This model cannot draw from text alone: it is an inpainting model or a refiner. Choose a base model.",
    );
  }
  planScheduler(config, parameters);

  hooks.onStage?.("encode", 0, 0);
  const { guidanceEmbeddingWidth } = config;
  const guidance = guidanceScale > 1 && guidanceEmbeddingWidth === undefined;
  const embeddings = await embedPrompts(promptEncoders, parameters, {
    guidance,
    zeroAbsentNegative: config.forceZerosForEmptyPrompt,
    signal,
  });
  for (const warning of embeddings.warnings) hooks.onWarning?.(warning);
  const positive: UnetConditioning = {
    embedding: embeddings.positive,
    timeIds: timeIds(parameters),
    ...(guidanceEmbeddingWidth
      ? { guidanceEmbedding: guidanceEmbedding(guidanceScale, guidanceEmbeddingWidth) }
      : {}),
  };
  const negative: UnetConditioning | undefined = embeddings.negative && {
    embedding: embeddings.negative,
    timeIds: timeIds(parameters.negativeConditioning ?? parameters),
  };

  const shape = [
    1,
    config.latentChannels,
    size.height / config.vaeScaleFactor,
    size.width / config.vaeScaleFactor,
  ] as const;
  for (const [index, seed] of parameters.seeds.entries()) {
    hooks.onStage?.("denoise", index, 0);
    // One generator an image: the first noise, then what the sampler draws at its steps.
    const generator = new TorchGenerator(seed);
    const noise = generator.randn(elementCount(shape));
    // Planned anew: a run leaves its state in the sampler.
    const { name, scheduler } = planScheduler(config, parameters);
    const draw = async (model: CompiledModel) => {
      const unet = createUnet(model);
      try {
        return await denoise({
          unet,
          scheduler,
          latents: f32(
            shape,
            noise.map((value) => value * scheduler.initNoiseSigma),
          ),
          positive,
          negative,
          guidanceScale,
          guidanceRescale: parameters.guidanceRescale,
          guidanceRange: parameters.guidanceRange,
          eta: parameters.eta,
          noise: () => generator.randn(noise.length),
          signal,
          onStep: (step) => hooks.onStage?.("denoise", index, step),
        });
      } finally {
        unet.dispose();
      }
    };
    const latents = await submodels.use("unet", draw, {
      fractionalTimesteps: hasFractionalTimesteps(scheduler),
    });

    hooks.onStage?.("decode", index, parameters.steps);
    const image = await submodels.use("vae_decoder", (decoder) =>
      decodeImage(decoder, latents, config, signal),
    );
    yield { index, seed, scheduler: name, image, latents };
  }
}

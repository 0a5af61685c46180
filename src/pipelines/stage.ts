import { embedPrompts, type Prompts } from "../conditioning/promptEmbeddings.ts";
import { type MicroConditioning, refinerTimeIds, timeIds } from "../conditioning/timeIds.ts";
import type { TileAxes } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { createScheduler, type SchedulerOverrides, schedulerNameOf } from "../schedulers/catalogue.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { SchedulerError } from "../schedulers/schedulerConfig.ts";
import { type Guidance, guidanceEmbedding } from "./guidance.ts";
import type { UnetConditioning } from "./noisePrediction.ts";
import type { DrawHooks, Pipeline } from "./pipeline.ts";
import type { PipelineConfig } from "./pipelineConfig.ts";
import { partAfter, partBefore, partForStrength, type SchedulePart } from "./schedulePart.ts";

/** What one model is asked to do with latents, with every default filled in. */
export interface StageParameters extends Prompts {
  /** Told to the model beside the positive prompt. */
  micro: MicroConditioning;
  /** Told to it beside the negative prompt. */
  negativeMicro: MicroConditioning;
  /** For refiners, 1 to 10. */
  aestheticScore: number;
  negativeAestheticScore: number;
  steps: number;
  guidanceScale: number;
  /** See `Guidance`. */
  guidanceRescale?: number;
  guidanceRange?: Guidance["range"];
  /** Sampler name; the folder's own when absent. */
  scheduler?: string;
  schedulerOverrides?: SchedulerOverrides;
  /** Sigmas of the run instead of the sampler's own, one more than there are steps. */
  sigmasList?: readonly number[];
  /** Timesteps of the run instead of the sampler's own, one a step. */
  timestepsList?: readonly number[];
  /** η of samplers that take it (default: 0). */
  eta?: number;
  /** How much of the schedule image to image runs, 0 to 1. */
  strength?: number;
  /**
   * Inpainting encodes by the scaling factor alone, though its decoder heeds the VAE's statistics: what diffusers does,
   * for comparisons (default: no, since the colors of what is kept come out wrong).
   */
  plainInpaintingScale?: boolean;
  /** The fraction of the schedule that another model did before; strength does not count then. */
  denoisingStart?: number;
  /** The fraction of the schedule after which another model goes on. */
  denoisingEnd?: number;
  /** Axes along which the picture continues at its opposite edge. */
  tile?: TileAxes;
  /** Largest size, in pixels, that the UNet is shown: of larger pictures it sees overlapping windows. */
  unetWindow?: Size;
}

/** A stage that is ready to run for one image after the other. */
export interface PreparedStage {
  pipeline: Pipeline;
  parameters: StageParameters;
  positive: UnetConditioning;
  negative?: UnetConditioning;
  scheduler: Scheduler;
  schedulerName: string;
  part: SchedulePart;
}

/** Plans a sampler's run anew: it forgets the steps of an earlier one. */
export function planSteps(scheduler: Scheduler, parameters: StageParameters): void {
  const { steps, sigmasList: sigmas, timestepsList: timesteps } = parameters;
  const custom = { ...(sigmas ? { sigmas } : {}), ...(timesteps ? { timesteps } : {}) };
  scheduler.setTimesteps(steps, sigmas || timesteps ? custom : undefined);
}

/** A sampler with its timesteps set, and its name. @throws LimnerError `invalid-request` for what it cannot do */
function plannedScheduler(
  config: PipelineConfig,
  parameters: StageParameters,
): { scheduler: Scheduler; schedulerName: string } {
  const { scheduler: asked, schedulerOverrides, eta = 0 } = parameters;
  try {
    const schedulerName = asked ?? schedulerNameOf(config.schedulerConfig);
    const scheduler = createScheduler(config.schedulerConfig, asked, schedulerOverrides);
    if (eta > 0 && !scheduler.takesEta) {
      throw new SchedulerError(
        `The ${schedulerName} sampler takes no eta. Leave it out or choose ddim or tcd.`,
      );
    }
    planSteps(scheduler, parameters);
    return { scheduler, schedulerName };
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    throw new LimnerError("invalid-request", error.message, { cause: error });
  }
}

function plannedPart(
  scheduler: Scheduler,
  config: PipelineConfig,
  parameters: StageParameters,
): SchedulePart {
  const { strength, denoisingStart, denoisingEnd } = parameters;
  const { timesteps, order } = scheduler;
  const trainTimesteps = Number(config.schedulerConfig["num_train_timesteps"] ?? 1000);
  const schedule = { timesteps, order, trainTimesteps };
  let part: SchedulePart = { start: 0, end: timesteps.length };
  if (denoisingStart !== undefined) part = partAfter(schedule, denoisingStart);
  else if (strength !== undefined) {
    // Lists of one's own have their own length, for which diffusers takes all calls of the sampler.
    const isCustom = parameters.sigmasList ?? parameters.timestepsList;
    const steps = isCustom ? timesteps.length : parameters.steps;
    part = partForStrength(schedule, steps, strength);
  }
  return denoisingEnd === undefined ? part : partBefore(part, schedule, denoisingEnd);
}

/**
 * Encodes the prompts of a stage and plans its schedule.
 * @param hooks warnings go there
 * @throws LimnerError `invalid-request` for a sampler or a part of the schedule that cannot be, `cancelled`
 */
export async function prepareStage(
  pipeline: Pipeline,
  parameters: StageParameters,
  hooks: DrawHooks,
): Promise<PreparedStage> {
  const { config, promptEncoders } = pipeline;
  const { scheduler, schedulerName } = plannedScheduler(config, parameters);
  const part = plannedPart(scheduler, config, parameters);
  const { guidanceScale } = parameters;
  const { guidanceEmbeddingWidth } = config;
  const embeddings = await embedPrompts(promptEncoders, parameters, {
    guidance: guidanceScale > 1 && guidanceEmbeddingWidth === undefined,
    zeroAbsentNegative: config.forceZerosForEmptyPrompt,
    signal: hooks.signal,
    memory: pipeline.promptMemory,
  });
  for (const warning of embeddings.warnings) hooks.onWarning?.(warning);
  const ids = (micro: MicroConditioning, score: number) =>
    config.timeIdCount === 5 ? refinerTimeIds(micro, score) : timeIds(micro);
  return {
    pipeline,
    parameters,
    scheduler,
    schedulerName,
    part,
    positive: {
      embedding: embeddings.positive,
      timeIds: ids(parameters.micro, parameters.aestheticScore),
      ...(guidanceEmbeddingWidth
        ? { guidanceEmbedding: guidanceEmbedding(guidanceScale, guidanceEmbeddingWidth) }
        : {}),
    },
    negative: embeddings.negative && {
      embedding: embeddings.negative,
      timeIds: ids(parameters.negativeMicro, parameters.negativeAestheticScore),
    },
  };
}

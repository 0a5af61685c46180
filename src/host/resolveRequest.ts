import { randomInt } from "node:crypto";
import type { ModelFolder } from "../models/modelFolder.ts";
import type { DrawParameters } from "../pipelines/drawing.ts";
import type { StageParameters } from "../pipelines/stage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { microConditioning } from "./microConditioning.ts";
import { refineStage } from "./refineStage.ts";

/** diffusers' defaults for SDXL, taken where neither the request nor the model says otherwise. */
const pipelineDefaults = {
  steps: 50,
  guidanceScale: 5,
  strength: 0.3,
  inpaintingStrength: 0.9999,
  aestheticScore: 6,
  negativeAestheticScore: 2.5,
};

/** Random seeds are kept short enough to type again. */
const seedLimit = 2 ** 32;

/** Steps as the request gives them: by number, or by the length of a list of sigmas, whose last ends the run. */
function stepsOf({ steps, sigmas, sigmasList }: GenerateRequest): number | undefined {
  if (!sigmasList) return steps;
  if (sigmas) {
    throw new LimnerError(
      "invalid-request",
      `A list of sigmas does not go with ${sigmas} sigmas: give one of them.`,
    );
  }
  const listed = sigmasList.length - 1;
  if (steps !== undefined && steps !== listed) {
    throw new LimnerError(
      "invalid-request",
      `A list of ${sigmasList.length} sigmas makes ${listed} steps, not ${steps}: leave the steps out.`,
    );
  }
  return listed;
}

function seedsOf({ seed: given, count = 1, images = [] }: GenerateRequest): number[] {
  const seed = given ?? randomInt(seedLimit);
  const length = count * Math.max(images.length, 1);
  if (seed > Number.MAX_SAFE_INTEGER - (length - 1)) {
    throw new LimnerError("invalid-request", `The seed ${seed} is too large for ${length} images in a row.`);
  }
  return Array.from({ length }, (_, index) => seed + index);
}

function strengthOf({ images, mask, strength }: GenerateRequest): number | undefined {
  if (!images) {
    const alone = mask ? "mask" : strength !== undefined ? "strength" : undefined;
    if (alone) {
      throw new LimnerError("invalid-request", `A ${alone} needs a picture: give an image to begin with.`);
    }
    return undefined;
  }
  return strength ?? (mask ? pipelineDefaults.inpaintingStrength : pipelineDefaults.strength);
}

/**
 * Fills in every default of a request: the model's own recommendation first, then diffusers'.
 * @param size of the picture that is drawn: the request's, or what suits its images
 * @throws LimnerError `invalid-request` where fields contradict each other
 */
export function resolveRequest(
  request: GenerateRequest,
  { recommendation, config }: ModelFolder,
  size: Size = request.size ?? config.defaultSize,
): DrawParameters {
  const steps = stepsOf(request) ?? recommendation.steps ?? pipelineDefaults.steps;
  const isRefiner = config.timeIdCount === 5;
  const base: StageParameters = {
    prompt: request.prompt,
    prompt2: request.prompt2,
    negativePrompt: request.negativePrompt,
    negativePrompt2: request.negativePrompt2,
    clipSkip: request.clipSkip,
    longPrompts: request.longPrompts,
    weighting: request.weighting,
    ...microConditioning(request, size, { fromImage: request.images !== undefined, isRefiner }),
    aestheticScore: request.aestheticScore ?? pipelineDefaults.aestheticScore,
    negativeAestheticScore: request.negativeAestheticScore ?? pipelineDefaults.negativeAestheticScore,
    steps,
    guidanceScale: request.guidanceScale ?? recommendation.guidanceScale ?? pipelineDefaults.guidanceScale,
    guidanceRescale: request.guidanceRescale,
    guidanceRange: request.guidanceRange,
    scheduler: request.scheduler ?? recommendation.scheduler,
    schedulerOverrides: {
      ...(request.sigmas ? { sigmas: request.sigmas } : {}),
      ...(request.timestepSpacing ? { spacing: request.timestepSpacing } : {}),
    },
    sigmasList: request.sigmasList,
    eta: request.eta,
    strength: strengthOf(request),
    // Whoever turns this off wants diffusers' pictures.
    plainInpaintingScale: request.keepOriginal === false,
  };
  const refine = refineStage(request, base, size);
  return {
    size,
    seeds: seedsOf(request),
    base: refine ? { ...base, denoisingEnd: refine.denoisingStart } : base,
    refine,
  };
}

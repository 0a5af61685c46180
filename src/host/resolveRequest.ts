import { randomInt } from "node:crypto";
import { nearestBucket } from "../images/aspectBuckets.ts";
import type { ModelFolder } from "../models/modelFolder.ts";
import type { DrawParameters } from "../pipelines/drawing.ts";
import type { PipelineConfig } from "../pipelines/pipelineConfig.ts";
import type { StageParameters } from "../pipelines/stage.ts";
import type { Variation } from "../pipelines/variation.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { pipelineDefaults } from "../protocol/pipelineDefaults.ts";
import { withoutLoraTags } from "../protocol/promptLoras.ts";
import type { Size } from "../protocol/size.ts";
import { microConditioning } from "./microConditioning.ts";
import { recommendedSchedule } from "./recommendedSchedule.ts";
import { refineStage } from "./refineStage.ts";
import { upscaleStage } from "./upscaleStage.ts";

/** Further defaults, which only the host needs. */
const defaults = {
  ...pipelineDefaults,
  strength: 0.3,
  inpaintingStrength: 0.9999,
  aestheticScore: 6,
  negativeAestheticScore: 2.5,
  /** Not diffusers', which knows no variations: enough to see, little enough to recognize the picture. */
  variationStrength: 0.1,
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

/** Seeds in a row, from a random one where none is given. */
function seedsFrom(given: number | undefined, count: number): number[] {
  const first = given ?? randomInt(seedLimit);
  if (first > Number.MAX_SAFE_INTEGER - (count - 1)) {
    throw new LimnerError("invalid-request", `The seed ${first} is too large for ${count} images in a row.`);
  }
  return Array.from({ length: count }, (_, index) => first + index);
}

function strengthOf({ images, mask, grow, strength }: GenerateRequest): number | undefined {
  if (!images) return undefined;
  return strength ?? (mask || grow ? defaults.inpaintingStrength : defaults.strength);
}

/**
 * The noises to mix in. A batch of variations is of one picture: the seed stays, and image k takes the variation's
 * seed + k, as AUTOMATIC1111 has it.
 */
function variationsOf(
  { variationSeed, variationStrength }: GenerateRequest,
  count: number,
): Variation[] | undefined {
  if (variationSeed === undefined && variationStrength === undefined) return undefined;
  const strength = variationStrength ?? defaults.variationStrength;
  return seedsFrom(variationSeed, count).map((seed) => ({ seed, strength }));
}

/** The size to draw in where there is no picture: the request's, one that suits its output, or the model's own. */
function sizeOf({ size, outputSize }: GenerateRequest, config: PipelineConfig): Size {
  return size ?? (outputSize ? nearestBucket(outputSize, config) : config.defaultSize);
}

/**
 * Fills in every default of a request: the model's own recommendation first, then diffusers'.
 * @param size of the picture that is drawn: the request's, or what suits its images
 * @param refiner the folder of the refiner that the request names
 * @throws LimnerError `invalid-request` where fields contradict each other
 */
export function resolveRequest(
  request: GenerateRequest,
  { recommendation, config }: ModelFolder,
  size: Size = sizeOf(request, config),
  refiner?: Pick<ModelFolder, "recommendation">,
): DrawParameters {
  const steps = stepsOf(request) ?? recommendation.steps ?? defaults.steps;
  const isRefiner = config.timeIdCount === 5;
  const base: StageParameters = {
    prompt: withoutLoraTags(request.prompt),
    prompt2: withoutLoraTags(request.prompt2),
    negativePrompt: request.negativePrompt,
    negativePrompt2: request.negativePrompt2,
    clipSkip: request.clipSkip,
    longPrompts: request.longPrompts,
    weighting: request.weighting,
    ...microConditioning(request, size, { fromImage: request.images !== undefined, isRefiner }),
    aestheticScore: request.aestheticScore ?? defaults.aestheticScore,
    negativeAestheticScore: request.negativeAestheticScore ?? defaults.negativeAestheticScore,
    steps,
    guidanceScale: request.guidanceScale ?? recommendation.guidanceScale ?? defaults.guidanceScale,
    guidanceRescale: request.guidanceRescale,
    guidanceRange: request.guidanceRange,
    ...recommendedSchedule(request, recommendation),
    sigmasList: request.sigmasList,
    eta: request.eta,
    strength: strengthOf(request),
    // Whoever turns this off wants diffusers' pictures.
    plainInpaintingScale: request.keepOriginal === false,
    tile: request.tile,
  };
  const images = (request.count ?? 1) * Math.max(request.images?.length ?? 0, 1);
  const variations = variationsOf(request, images);
  const seeds = seedsFrom(request.seed, variations ? 1 : images);
  const refine = refineStage(request, base, size, refiner?.recommendation);
  return {
    size,
    seeds: variations ? variations.map(() => seeds[0] as number) : seeds,
    variations,
    base: refine ? { ...base, denoisingEnd: refine.denoisingStart } : base,
    refine,
    upscale: upscaleStage(request, refine ?? base, size, config),
  };
}

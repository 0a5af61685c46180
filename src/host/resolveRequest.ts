import { randomInt } from "node:crypto";
import type { ModelFolder } from "../models/modelFolder.ts";
import type { TextToImageParameters } from "../pipelines/textToImage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** diffusers' defaults for SDXL, taken where neither the request nor the model says otherwise. */
const pipelineDefaults = { steps: 50, guidanceScale: 5 };

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

/**
 * Fills in every default of a request: the model's own recommendation first, then diffusers'.
 * @throws LimnerError `invalid-request` where fields contradict each other
 */
export function resolveRequest(request: GenerateRequest, model: ModelFolder): TextToImageParameters {
  const { recommendation, config } = model;
  const size = request.size ?? config.defaultSize;
  const { negativeOriginalSize, negativeTargetSize, negativeCropsCoordsTopLeft } = request;
  const negativeGiven = [negativeOriginalSize, negativeTargetSize, negativeCropsCoordsTopLeft].some(Boolean);
  if (negativeGiven && !(negativeOriginalSize && negativeTargetSize)) {
    throw new LimnerError(
      "invalid-request",
      "The negative prompt's sizes go together: give both the negative original size and the negative target size.",
    );
  }
  const seed = request.seed ?? randomInt(seedLimit);
  const count = request.count ?? 1;
  if (seed > Number.MAX_SAFE_INTEGER - (count - 1)) {
    throw new LimnerError("invalid-request", `The seed ${seed} is too large for ${count} images in a row.`);
  }
  return {
    prompt: request.prompt,
    prompt2: request.prompt2,
    negativePrompt: request.negativePrompt,
    negativePrompt2: request.negativePrompt2,
    size,
    steps: stepsOf(request) ?? recommendation.steps ?? pipelineDefaults.steps,
    guidanceScale: request.guidanceScale ?? recommendation.guidanceScale ?? pipelineDefaults.guidanceScale,
    guidanceRescale: request.guidanceRescale,
    guidanceRange: request.guidanceRange,
    clipSkip: request.clipSkip,
    longPrompts: request.longPrompts,
    weighting: request.weighting,
    seeds: Array.from({ length: count }, (_, index) => seed + index),
    scheduler: request.scheduler ?? recommendation.scheduler,
    schedulerOverrides: {
      ...(request.sigmas ? { sigmas: request.sigmas } : {}),
      ...(request.timestepSpacing ? { spacing: request.timestepSpacing } : {}),
    },
    sigmasList: request.sigmasList,
    eta: request.eta,
    originalSize: request.originalSize ?? size,
    cropsCoordsTopLeft: request.cropsCoordsTopLeft ?? { x: 0, y: 0 },
    targetSize: request.targetSize ?? size,
    ...(negativeOriginalSize && negativeTargetSize
      ? {
          negativeConditioning: {
            originalSize: negativeOriginalSize,
            cropsCoordsTopLeft: negativeCropsCoordsTopLeft ?? { x: 0, y: 0 },
            targetSize: negativeTargetSize,
          },
        }
      : {}),
  };
}

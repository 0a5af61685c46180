import type { Recommendation } from "../models/configSchemas.ts";
import type { StageParameters } from "../pipelines/stage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";

/** The sampler of a stage and how its steps are spread. */
type Schedule = Pick<StageParameters, "scheduler" | "schedulerOverrides" | "timestepsList">;

/**
 * The sampler: the request's, else the one that is recommended. What is recommended for spreading its steps goes with
 * that sampler only, and training timesteps of a few-step model with its own number of steps only.
 */
export function recommendedSchedule(
  { scheduler, sigmas, timestepSpacing, sigmasList, steps }: GenerateRequest,
  recommendation: Recommendation,
): Schedule {
  const isRecommended = scheduler === undefined || scheduler === recommendation.scheduler;
  const { sigmas: curve, timestepSpacing: spacing, timesteps } = isRecommended ? recommendation : {};
  const takesTimesteps = steps === undefined || steps === timesteps?.length;
  const isOwn = sigmas !== undefined || timestepSpacing !== undefined || sigmasList !== undefined;
  return {
    scheduler: scheduler ?? recommendation.scheduler,
    schedulerOverrides: {
      ...((sigmas ?? curve) ? { sigmas: sigmas ?? curve } : {}),
      ...((timestepSpacing ?? spacing) ? { spacing: timestepSpacing ?? spacing } : {}),
    },
    ...(timesteps && takesTimesteps && !isOwn ? { timestepsList: timesteps } : {}),
  };
}

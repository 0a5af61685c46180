import type { Recommendation } from "../models/configSchemas.ts";
import type { StageParameters } from "../pipelines/stage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { microConditioning } from "./microConditioning.ts";

const defaultHandoff = 0.8;
const defaultStrength = 0.3;

/**
 * What the refiner is asked to do: to finish the base's schedule from the hand-over on (an ensemble of experts), or
 * to draw the finished latents anew with a strength.
 * @param base the stage before it
 * @param recommendation of the refiner's makers; its guidance counts where the request names none
 * @throws LimnerError `invalid-request` where fields contradict each other
 */
export function refineStage(
  request: GenerateRequest,
  base: StageParameters,
  size: Size,
  recommendation: Recommendation = {},
): StageParameters | undefined {
  const { refiner, handoff, refineStrength, images } = request;
  if (!refiner) {
    const alone =
      handoff !== undefined ? "hand-over" : refineStrength !== undefined ? "refine strength" : undefined;
    if (alone) throw new LimnerError("invalid-request", `A ${alone} needs a refiner: name one.`);
    return undefined;
  }
  if (handoff !== undefined && refineStrength !== undefined) {
    throw new LimnerError(
      "invalid-request",
      `A hand-over at ${handoff} and a refine strength of ${refineStrength} exclude each other: give one of them.`,
    );
  }
  const byStrength = refineStrength !== undefined || (handoff === undefined && images !== undefined);
  return {
    ...base,
    guidanceScale: request.guidanceScale ?? recommendation.guidanceScale ?? base.guidanceScale,
    ...microConditioning(request, size, { fromImage: true, isRefiner: true }),
    ...(byStrength
      ? { strength: refineStrength ?? defaultStrength }
      : { strength: undefined, denoisingStart: handoff ?? defaultHandoff }),
  };
}

import type { MicroConditioning } from "../conditioning/timeIds.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";

/** What a stage tells its model beside the prompts. */
export interface StageConditioning {
  micro: MicroConditioning;
  negativeMicro: MicroConditioning;
}

/**
 * The sizes and crops that a model is told, as diffusers' pipelines fill them in. From text, both negative sizes or
 * none count, since one alone would be ignored; from a picture each defaults to the positive one by itself, and a
 * base model is told the positive crop for the negative prompt too.
 * @param size that is drawn, the default of both sizes
 * @throws LimnerError `invalid-request` for a negative size that would be ignored
 */
export function microConditioning(
  request: GenerateRequest,
  size: Size,
  { fromImage, isRefiner }: { fromImage: boolean; isRefiner: boolean },
): StageConditioning {
  const { negativeOriginalSize, negativeTargetSize, negativeCropsCoordsTopLeft } = request;
  const micro: MicroConditioning = {
    originalSize: request.originalSize ?? size,
    cropsCoordsTopLeft: request.cropsCoordsTopLeft ?? { x: 0, y: 0 },
    targetSize: request.targetSize ?? size,
  };
  if (!fromImage) {
    const given = [negativeOriginalSize, negativeTargetSize, negativeCropsCoordsTopLeft].some(Boolean);
    if (!given) return { micro, negativeMicro: micro };
    if (!negativeOriginalSize || !negativeTargetSize) {
      throw new LimnerError(
        "invalid-request",
        "The negative prompt's sizes go together: give both the negative original size and the negative target size.",
      );
    }
  }
  const negativeCrop = negativeCropsCoordsTopLeft ?? { x: 0, y: 0 };
  return {
    micro,
    negativeMicro: {
      originalSize: negativeOriginalSize ?? micro.originalSize,
      cropsCoordsTopLeft: fromImage && !isRefiner ? micro.cropsCoordsTopLeft : negativeCrop,
      targetSize: negativeTargetSize ?? micro.targetSize,
    },
  };
}

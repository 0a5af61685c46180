import type { PipelineConfig } from "../pipelines/pipelineConfig.ts";
import type { StageParameters } from "../pipelines/stage.ts";
import { enlargedSize, type UpscaleParameters } from "../pipelines/upscaling.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { microConditioning } from "./microConditioning.ts";

/** Enough for detail, little enough that no window draws figures of its own. */
const defaultStrength = 0.3;

/** A model that draws well in one size only fills every window with a picture: it may do less. */
const fixedSizeStrength = 0.1;

/** The longest side of a picture. */
const longestSide = 16_384;

/** Whether a request enlarges its pictures as they are: a strength, a mask or a border would draw them anew first. */
export function upscalesAlone({ upscale, images, strength, mask, grow }: GenerateRequest): boolean {
  const drawsAnew = strength !== undefined || mask !== undefined || grow !== undefined;
  return upscale !== undefined && images !== undefined && !drawsAnew;
}

/**
 * What is done to a picture that is enlarged: image to image through windows of the model's own size, by the refiner
 * where there is one. The model is told of windows, since it sees nothing larger.
 * @param base the stage that draws
 * @param size of the picture that is enlarged
 * @throws LimnerError `invalid-request` where the result would be too large
 */
export function upscaleStage(
  request: GenerateRequest,
  base: StageParameters,
  size: Size,
  { sizeMultiple, defaultSize, fixedSize }: PipelineConfig,
): UpscaleParameters | undefined {
  const { upscale: factor, upscaleStrength } = request;
  if (factor === undefined) return undefined;
  const { exact, drawn } = enlargedSize(size, factor, sizeMultiple);
  if (Math.max(drawn.width, drawn.height) > longestSide) {
    throw new LimnerError(
      "invalid-request",
      `A picture of ${size.width}x${size.height} enlarged by ${factor} would be ${exact.width}x${exact.height}: ` +
        `no side may be longer than ${longestSide}. Choose a smaller factor.`,
    );
  }
  const seen = {
    width: Math.min(defaultSize.width, drawn.width),
    height: Math.min(defaultSize.height, drawn.height),
  };
  const isRefiner = request.refiner !== undefined;
  return {
    factor,
    alone: upscalesAlone(request),
    stage: {
      ...base,
      ...microConditioning(request, seen, { fromImage: true, isRefiner }),
      strength: upscaleStrength ?? (fixedSize ? fixedSizeStrength : defaultStrength),
      denoisingStart: undefined,
      denoisingEnd: undefined,
      unetWindow: defaultSize,
    },
  };
}

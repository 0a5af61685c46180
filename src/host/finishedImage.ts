import { fitImage, onWhite } from "../images/fitting.ts";
import { withoutFlatBackground } from "../images/flatBackground.ts";
import type { RasterImage } from "../images/rgbImage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** What is written of an image. */
export interface FinishedImage {
  image: RasterImage;
  /** Why its background could not be removed, where that was asked for; the image is as it was drawn then. */
  problem?: LimnerError;
}

/** Removes the background. Minutes of drawing are not thrown away where that cannot be done. */
function transparent(image: RasterImage): FinishedImage {
  try {
    return { image: withoutFlatBackground(onWhite(image)) };
  } catch (error) {
    if (error instanceof LimnerError && error.code === "background-not-flat")
      return { image, problem: error };
    throw error;
  }
}

/** Makes of an image what the request wants of it in the end: without its background, at the size of the output. */
export async function finishImage(
  drawn: RasterImage,
  { transparent: wantsNoBackground, outputSize, fit = "cover" }: GenerateRequest,
): Promise<FinishedImage> {
  const finished = wantsNoBackground ? transparent(drawn) : { image: drawn };
  if (!outputSize) return finished;
  return { ...finished, image: await fitImage(finished.image, outputSize, fit) };
}

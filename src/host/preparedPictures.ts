import { nearestBucket } from "../images/aspectBuckets.ts";
import { fitImage, fitToSource, onWhite } from "../images/fitting.ts";
import { blurredMask } from "../images/gaussianBlur.ts";
import { readImage } from "../images/imageReading.ts";
import { fitMask, readMask } from "../images/mask.ts";
import { pasteBack } from "../images/maskedArea.ts";
import type { RasterImage, RgbImage } from "../images/rgbImage.ts";
import type { Picture } from "../pipelines/drawing.ts";
import type { PipelineConfig } from "../pipelines/pipelineConfig.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { Size } from "../protocol/size.ts";

/** The pictures of a request at the size that is drawn, and the way back from it. */
export interface PreparedPictures {
  size: Size;
  pictures: readonly Picture[];
  /** What is written in the end, of the image that was drawn from picture `index`. */
  finish(drawn: RgbImage, index: number): Promise<RgbImage>;
}

/**
 * Reads the pictures and the mask of a request and brings them to one size: the request's, else the bucket of the
 * model whose aspect ratio is nearest to the first picture's. Opacity is laid onto white.
 * @throws LimnerError `image-unreadable`
 */
export async function preparePictures(
  request: GenerateRequest,
  config: PipelineConfig,
): Promise<PreparedPictures | undefined> {
  const { images, fit = "cover", maskBlur = 0, keepOriginal = true, keepSize = false } = request;
  if (!images) return undefined;
  const sources: RasterImage[] = [];
  for (const file of images) sources.push(await readImage(file));
  const [first] = sources;
  const size = request.size ?? (first ? nearestBucket(first, config) : config.defaultSize);
  const hard = request.mask === undefined ? undefined : fitMask(await readMask(request.mask), size, fit);
  const mask = hard && blurredMask(hard, maskBlur);
  const prepared: Picture[] = [];
  for (const source of sources) prepared.push({ image: await fitImage(onWhite(source), size, fit), mask });

  return {
    size,
    pictures: prepared,
    async finish(drawn, index) {
      const at = index % prepared.length;
      const original = prepared[at]?.image;
      const source = sources[at];
      const kept = original && mask && keepOriginal ? pasteBack(original, drawn, mask) : drawn;
      return source && keepSize ? fitToSource(kept, source, fit) : kept;
    },
  };
}

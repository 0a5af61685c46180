import { nearestBucket } from "../images/aspectBuckets.ts";
import { fitImage, fitToSource, onWhite } from "../images/fitting.ts";
import { blurredMask } from "../images/gaussianBlur.ts";
import { readImage } from "../images/imageReading.ts";
import { fitMask, type Mask, readMask, regionOfMask } from "../images/mask.ts";
import { maskedArea, paddedMask, pasteBack } from "../images/maskedArea.ts";
import { grown } from "../images/outpainting.ts";
import { regionOf } from "../images/region.ts";
import type { RasterImage, RgbImage } from "../images/rgbImage.ts";
import type { Picture } from "../pipelines/drawing.ts";
import type { PipelineConfig } from "../pipelines/pipelineConfig.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { Size } from "../protocol/size.ts";
import { upscalesAlone } from "./upscaleStage.ts";

/** The pictures of a request at the size that is drawn, and the way back from it. */
export interface PreparedPictures {
  size: Size;
  pictures: readonly Picture[];
  /** What comes of the image that was drawn from picture `index`. */
  finish(drawn: RgbImage, index: number): Promise<RasterImage>;
}

/** A picture as it was read, with what of it is to be painted anew. */
interface Source {
  image: RasterImage;
  mask?: Mask;
}

/** A picture as it is drawn from, and the way back. */
interface Prepared {
  picture: Picture;
  finish(drawn: RgbImage): Promise<RasterImage>;
}

/** The pictures of a request with their masks; with a border to paint, on a larger canvas. */
async function readSources(request: GenerateRequest, { sizeMultiple }: PipelineConfig): Promise<Source[]> {
  const { images = [], grow } = request;
  const mask = request.mask === undefined ? undefined : await readMask(request.mask);
  const sources: Source[] = [];
  for (const file of images) {
    const image = await readImage(file);
    // Whatever size it was painted in, a mask covers its picture where places in the picture count.
    const own = mask && (grow || request.maskCrop !== undefined) ? fitMask(mask, image, "stretch") : mask;
    sources.push(grow ? grown(image, grow, sizeMultiple, own) : { image, mask: own });
  }
  return sources;
}

/**
 * The size to draw in where the request names none: the bucket of the model whose aspect ratio is nearest to that of
 * the first picture, or of what is masked where only that is drawn. A canvas that was grown keeps its pixels.
 */
function sizeFor(request: GenerateRequest, { image, mask }: Source, config: PipelineConfig): Size {
  const { maskCrop, maskBlur = 0, grow } = request;
  if (maskCrop !== undefined && mask) {
    return nearestBucket(paddedMask(blurredMask(mask, maskBlur), maskCrop), config);
  }
  return grow ? { width: image.width, height: image.height } : nearestBucket(image, config);
}

/** The whole picture, fitted to the size. Opacity is laid onto white for the model, and kept where pixels are. */
async function wholePicture(
  { image, mask }: Source,
  size: Size,
  request: GenerateRequest,
): Promise<Prepared> {
  const { fit = "cover", maskBlur = 0, keepOriginal = true, keepSize = false } = request;
  const original = await fitImage(image, size, fit, "edge");
  const drawnMask = mask && blurredMask(fitMask(mask, size, fit), maskBlur);
  return {
    picture: { image: onWhite(original), mask: drawnMask },
    async finish(drawn) {
      const kept = drawnMask && keepOriginal ? pasteBack(original, drawn, drawnMask) : drawn;
      return keepSize ? fitToSource(kept, image, fit) : kept;
    },
  };
}

/**
 * Only what is masked, with some of the picture around it, at the whole size that is drawn; then put back into the
 * picture, whose size stays (diffusers' `padding_mask_crop`).
 */
async function maskedPart(
  image: RasterImage,
  hardMask: Mask,
  size: Size,
  { maskBlur = 0, maskCrop = 0 }: GenerateRequest,
): Promise<Prepared> {
  const mask = blurredMask(hardMask, maskBlur);
  const area = maskedArea(mask, size, maskCrop);
  const part = await fitImage(onWhite(regionOf(image, area)), size, "contain");
  return {
    picture: { image: part, mask: fitMask(regionOfMask(mask, area), size, "contain") },
    finish: async (drawn) => pasteBack(image, await fitImage(drawn, area, "cover"), mask, area),
  };
}

/** The picture as it is, to be enlarged; its opacity is enlarged too. */
function pictureToEnlarge(image: RasterImage): Prepared {
  return {
    picture: { image: onWhite(image) },
    finish: async (drawn) => drawn,
  };
}

/**
 * Reads the pictures and the mask of a request and brings them to one size: the request's, else one that suits the
 * first picture.
 * @throws LimnerError `image-unreadable`, `invalid-request` for a mask without white
 */
export async function preparePictures(
  request: GenerateRequest,
  config: PipelineConfig,
): Promise<PreparedPictures | undefined> {
  const sources = await readSources(request, config);
  const [first] = sources;
  if (!first) return undefined;
  const enlarges = upscalesAlone(request) && !request.size;
  const size = request.size ?? (enlarges ? first.image : sizeFor(request, first, config));
  const prepared: Prepared[] = [];
  for (const source of sources) {
    if (enlarges) {
      prepared.push(pictureToEnlarge(source.image));
      continue;
    }
    const cropped = request.maskCrop !== undefined ? source.mask : undefined;
    prepared.push(
      cropped
        ? await maskedPart(source.image, cropped, size, request)
        : await wholePicture(source, size, request),
    );
  }
  return {
    size: { width: size.width, height: size.height },
    pictures: prepared.map(({ picture }) => picture),
    finish: async (drawn, index) => prepared[index % prepared.length]?.finish(drawn) ?? drawn,
  };
}

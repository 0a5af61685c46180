import type { Mask } from "../images/mask.ts";
import { type RgbImage, toPlanes } from "../images/rgbImage.ts";
import { f32 } from "../openvino/tensor.ts";
import type { LatentDistribution } from "./imageEncoding.ts";
import { hidePlanes } from "./inpainting.ts";
import type { PreparedStage } from "./stage.ts";
import { encodePicture } from "./tiles/vae.ts";

/** Encodes a picture, or what a mask leaves of it. */
export type Encode = (image: RgbImage, mask?: Mask) => Promise<LatentDistribution>;

/** An encoder that remembers the last picture: the images of a batch often share one. */
export function rememberingEncoder({ pipeline, parameters }: PreparedStage, signal?: AbortSignal): Encode {
  const { tile } = parameters;
  const known = new Map<RgbImage, Map<Mask | undefined, LatentDistribution>>();
  return async (image, mask) => {
    const found = known.get(image)?.get(mask);
    if (found) return found;
    const planes = toPlanes(image);
    const sample = f32([1, 3, image.height, image.width], mask ? hidePlanes(planes, mask) : planes);
    const encoded = await encodePicture(pipeline, sample, { tile, signal });
    if (!known.has(image)) known.clear();
    const ofImage = known.get(image) ?? new Map<Mask | undefined, LatentDistribution>();
    known.set(image, ofImage.set(mask, encoded));
    return encoded;
  };
}

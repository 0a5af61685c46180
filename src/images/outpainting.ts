import type { Point } from "../protocol/size.ts";
import { type Mask, regionOfMask } from "./mask.ts";
import { regionOf } from "./region.ts";
import type { RasterImage } from "./rgbImage.ts";

/** A picture on a larger canvas, whose new border is masked. */
export interface GrownPicture<T extends RasterImage> {
  image: T;
  mask: Mask;
  /** Where the original's top left pixel lies on the canvas. */
  offset: Point;
}

/**
 * Enlarges the canvas of a picture on all sides for outpainting. Width and height are rounded up to the model's
 * multiple, what that adds is shared between both sides, and the whole new border is masked. It repeats the picture's
 * outermost pixels: a border of one color would show through at strengths below 1 and in the VAE's neighborhood.
 * @param margin in pixels, at least this much on every side
 * @param sizeMultiple width and height of the canvas are multiples of it
 * @param mask what of the picture itself is to be painted anew (default: nothing)
 */
export function grown<T extends RasterImage>(
  image: T,
  margin: number,
  sizeMultiple: number,
  mask?: Mask,
): GrownPicture<T> {
  const enlarged = (length: number) => Math.ceil((length + 2 * margin) / sizeMultiple) * sizeMultiple;
  const [width, height] = [enlarged(image.width), enlarged(image.height)];
  const offset = {
    x: Math.floor((width - image.width) / 2),
    y: Math.floor((height - image.height) / 2),
  };
  const canvas = { x: -offset.x, y: -offset.y, width, height };
  const grownMask = mask
    ? regionOfMask(mask, canvas)
    : { width, height, data: new Uint8Array(width * height) };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside =
        x >= offset.x && x < offset.x + image.width && y >= offset.y && y < offset.y + image.height;
      if (!inside) grownMask.data[y * width + x] = 255;
    }
  }
  return { image: regionOf(image, canvas, "edge"), mask: grownMask, offset };
}

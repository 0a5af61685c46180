import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import type { Mask } from "./mask.ts";
import type { Region } from "./region.ts";
import type { RasterImage, RgbImage } from "./rgbImage.ts";

interface Bounds {
  left: number;
  top: number;
  /** First column and row beyond it. */
  right: number;
  bottom: number;
}

function boundsOf({ width, height, data }: Mask): Bounds {
  const bounds = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      bounds.left = Math.min(bounds.left, x);
      bounds.right = Math.max(bounds.right, x + 1);
      bounds.top = Math.min(bounds.top, y);
      bounds.bottom = y + 1;
    }
  }
  if (bounds.right === 0) {
    throw new LimnerError(
      "invalid-request",
      "The mask is black everywhere: paint white what is to be drawn anew.",
    );
  }
  return bounds;
}

/**
 * Widens an interval by pixels, half on each side, and pushes it back into the picture where it reaches beyond.
 * @returns start and end
 */
function widened([start, end]: readonly [number, number], by: number, limit: number): [number, number] {
  let from = start - Math.floor(by / 2);
  let to = end + by - Math.floor(by / 2);
  if (to >= limit) {
    from -= to - limit;
    to = limit;
  }
  if (from < 0) {
    to -= from;
    from = 0;
  }
  return [from, Math.min(to, limit)];
}

/**
 * All that is masked, with a margin, as far as the picture reaches.
 * @param padding in pixels of the picture
 * @throws LimnerError `invalid-request` for a mask without white
 */
export function paddedMask(mask: Mask, padding: number): Region {
  const bounds = boundsOf(mask);
  const [x, y] = [Math.max(bounds.left - padding, 0), Math.max(bounds.top - padding, 0)];
  const width = Math.min(bounds.right + padding, mask.width) - x;
  const height = Math.min(bounds.bottom + padding, mask.height) - y;
  return { x, y, width, height };
}

/**
 * The part of a picture that is worth drawing when only the masked area is to change: all that is masked, a margin,
 * and as much more as brings it to the proportions in which it is drawn. The same as diffusers' `get_crop_region`
 * (`padding_mask_crop`).
 * @param drawn size in which the area is drawn
 * @param padding margin around what is masked, in pixels of the picture
 * @throws LimnerError `invalid-request` for a mask without white
 */
export function maskedArea(mask: Mask, drawn: Size, padding: number): Region {
  const { x, y, width, height } = paddedMask(mask, padding);
  let [left, right] = [x, x + width];
  let [top, bottom] = [y, y + height];
  const ratio = drawn.width / drawn.height;
  if ((right - left) / (bottom - top) > ratio) {
    const missing = Math.trunc((right - left) / ratio - (bottom - top));
    [top, bottom] = widened([top, bottom], missing, mask.height);
  } else {
    const missing = Math.trunc((bottom - top) * ratio - (right - left));
    [left, right] = widened([left, right], missing, mask.width);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Lays what was drawn over the original: wholly where the mask is 255, not at all where it is 0, mixed in between.
 * Pixels whose mask is 0 are exactly the original's, opacity included. Agrees with diffusers' `apply_overlay` to one
 * level of 255.
 * @param mask of the original's size
 * @param at where the drawn picture lies in the original, whose size it has then; by default it covers it
 * @returns a picture of the original's size, with opacity where that has it
 */
export function pasteBack<T extends RasterImage>(
  original: T,
  drawn: RgbImage,
  mask: Mask,
  at: { x: number; y: number } = { x: 0, y: 0 },
): T {
  if (mask.width !== original.width || mask.height !== original.height) {
    throw new RangeError(
      `A mask of ${mask.width}x${mask.height} does not fit a picture of ${original.width}x${original.height}.`,
    );
  }
  const channels = original.alpha ? 4 : 3;
  const data = new Uint8Array(original.data);
  for (let row = 0; row < drawn.height; row++) {
    const y = row + at.y;
    if (y < 0 || y >= original.height) continue;
    for (let column = 0; column < drawn.width; column++) {
      const x = column + at.x;
      if (x < 0 || x >= original.width) continue;
      const pixel = y * original.width + x;
      const weight = mask.data[pixel] as number;
      if (weight === 0) continue;
      const from = (row * drawn.width + column) * 3;
      const to = pixel * channels;
      // Weights of both colors: a clear pixel of the original has none to give.
      const kept = (original.alpha ? (original.data[to + 3] as number) : 255) * (255 - weight);
      const painted = 255 * weight;
      for (let channel = 0; channel < 3; channel++) {
        const fresh = drawn.data[from + channel] as number;
        const old = original.data[to + channel] as number;
        data[to + channel] = Math.round((old * kept + fresh * painted) / (kept + painted));
      }
      if (original.alpha) data[to + 3] = Math.round((kept + painted) / 255);
    }
  }
  return { ...original, data };
}

import type { Size } from "../protocol/size.ts";
import { type Fit, placementOf } from "./fitting.ts";
import { readImage } from "./imageReading.ts";
import { type Region, regionBytes } from "./region.ts";
import type { RasterImage } from "./rgbImage.ts";

/** What of a picture is to be painted anew. */
export interface Mask {
  width: number;
  height: number;
  /** `width · height` bytes, row by row: 0 keeps a pixel, 255 paints it anew. */
  data: Uint8Array;
}

/**
 * A picture as a mask: its brightness, as Pillow's `convert("L")` weighs red, green and blue. White is painted anew,
 * black is kept, and so is what is clear: a mask drawn in white on nothing means the same as one drawn on black.
 */
export function maskOf(image: RasterImage): Mask {
  const { width, height } = image;
  const channels = image.alpha ? 4 : 3;
  const data = new Uint8Array(width * height);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const at = pixel * channels;
    const [red = 0, green = 0, blue = 0, alpha = 255] = image.data.subarray(at, at + channels);
    const brightness = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    data[pixel] = Math.round((brightness * alpha) / 255);
  }
  return { width, height, data };
}

/**
 * Reads a mask from any picture.
 * @throws LimnerError `image-unreadable`
 */
export async function readMask(source: string | Uint8Array, name?: string): Promise<Mask> {
  return maskOf(await readImage(source, name));
}

/** How much of each source pixel an output pixel covers along one axis: from `first` on, summing to 1. */
function coverage(from: number, to: number): { first: number; weights: number[] }[] {
  return Array.from({ length: to }, (_, i) => {
    const start = (i * from) / to;
    const end = ((i + 1) * from) / to;
    const first = Math.floor(start);
    const last = Math.max(first + 1, Math.ceil(end));
    const weights: number[] = [];
    for (let pixel = first; pixel < last; pixel++) {
      weights.push((Math.min(pixel + 1, end) - Math.max(pixel, start)) / (end - start));
    }
    return { first, weights };
  });
}

/** Averages over the area of each new pixel: whole multiples keep hard edges, and nothing overshoots. */
function areaSampled(mask: Mask, { width, height }: Size): Mask {
  if (mask.width === width && mask.height === height) return mask;
  const rows = new Float64Array(width * mask.height);
  for (const [x, { first, weights }] of coverage(mask.width, width).entries()) {
    for (let y = 0; y < mask.height; y++) {
      let sum = 0;
      for (const [i, weight] of weights.entries()) {
        sum += weight * (mask.data[y * mask.width + Math.min(first + i, mask.width - 1)] as number);
      }
      rows[y * width + x] = sum;
    }
  }
  const data = new Uint8Array(width * height);
  for (const [y, { first, weights }] of coverage(mask.height, height).entries()) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [i, weight] of weights.entries()) {
        sum += weight * (rows[Math.min(first + i, mask.height - 1) * width + x] as number);
      }
      data[y * width + x] = Math.round(sum);
    }
  }
  return { width, height, data };
}

/** A rectangle of a mask; beyond the mask everything is kept. */
export function regionOfMask(mask: Mask, region: Region): Mask {
  const { width, height } = region;
  return { width, height, data: regionBytes(mask, 1, region, "clear") };
}

/**
 * Brings a mask to the size of the prepared picture, the same way as the picture, so that they stay on top of each
 * other. What `contain` fills up is kept, not painted.
 */
export function fitMask(mask: Mask, target: Size, fit: Fit): Mask {
  const { from, to } = placementOf(mask, target, fit);
  const seen = areaSampled(fit === "cover" ? regionOfMask(mask, from) : mask, to);
  if (fit !== "contain") return seen;
  return regionOfMask(seen, { x: -to.x, y: -to.y, width: target.width, height: target.height });
}

/** The mask as a model takes it: 1 from one half up, else 0, as diffusers' `VaeImageProcessor.binarize` has it. */
export function binarized(mask: Mask): Float32Array {
  return Float32Array.from(mask.data, (value) => (value >= 127.5 ? 1 : 0));
}

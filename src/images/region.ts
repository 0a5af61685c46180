import { channelsOf, type RasterImage } from "./rgbImage.ts";

/** A rectangle of pixels. It may reach beyond the picture that it is taken from. */
export interface Region {
  /** Of its left edge. */
  x: number;
  /** Of its top edge. */
  y: number;
  width: number;
  height: number;
}

/** What stands for pixels beyond a picture's edges: the nearest pixel inside, or zeros (clear; black without alpha). */
export type Outside = "edge" | "clear";

/** Bytes of pixels, row by row. */
interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/**
 * The bytes of a rectangle.
 * @param channels bytes a pixel
 */
export function regionBytes(
  source: Pixels,
  channels: number,
  region: Region,
  outside: Outside,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(region.width * region.height * channels);
  for (let row = 0; row < region.height; row++) {
    const y = row + region.y;
    if (outside === "clear" && (y < 0 || y >= source.height)) continue;
    const line = Math.min(Math.max(y, 0), source.height - 1) * source.width;
    for (let column = 0; column < region.width; column++) {
      const x = column + region.x;
      if (outside === "clear" && (x < 0 || x >= source.width)) continue;
      const from = (line + Math.min(Math.max(x, 0), source.width - 1)) * channels;
      const to = (row * region.width + column) * channels;
      for (let channel = 0; channel < channels; channel++) {
        bytes[to + channel] = source.data[from + channel] as number;
      }
    }
  }
  return bytes;
}

/** A rectangle of a picture; what it has beyond the picture repeats the edge or is clear. */
export function regionOf<T extends RasterImage>(image: T, region: Region, outside: Outside = "edge"): T {
  const { width, height } = region;
  return { ...image, width, height, data: regionBytes(image, channelsOf(image), region, outside) };
}

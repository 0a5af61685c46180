/** A picture of 8-bit sRGB pixels: row by row from the top, red, green, blue of each pixel next to each other. */
export interface RgbImage {
  width: number;
  height: number;
  alpha?: false;
  /** `width · height · 3` bytes. */
  data: Uint8Array;
}

/** A picture of 8-bit sRGB pixels with opacity (0 clear to 255 solid) as the fourth byte, not premultiplied. */
export interface RgbaImage {
  width: number;
  height: number;
  alpha: true;
  /** `width · height · 4` bytes. */
  data: Uint8Array;
}

/** A picture in memory, with or without opacity. */
export type RasterImage = RgbImage | RgbaImage;

/** Bytes a pixel takes. */
export function channelsOf(image: RasterImage): 3 | 4 {
  return image.alpha ? 4 : 3;
}

/** Drops the opacity and keeps the colors beneath it, as Pillow's `convert("RGB")` does. */
export function withoutAlpha(image: RasterImage): RgbImage {
  if (!image.alpha) return image;
  const { width, height } = image;
  const pixels = width * height;
  const data = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    data.set(image.data.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  }
  return { width, height, data };
}

/**
 * The planes of a picture as a VAE encoder takes them.
 * @returns `[3, height, width]`, row-major, −1 (black) to 1 (white)
 */
export function toPlanes(image: RgbImage): Float32Array {
  const plane = image.width * image.height;
  const planes = new Float32Array(plane * 3);
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      // In float32 at each step, as diffusers does: x/255 first, then 2x − 1.
      const unit = Math.fround((image.data[pixel * 3 + channel] ?? 0) / 255);
      planes[channel * plane + pixel] = 2 * unit - 1;
    }
  }
  return planes;
}

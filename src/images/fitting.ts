import type { Size } from "../protocol/size.ts";
import { lanczosResampled } from "./lanczos.ts";
import { type Outside, type Region, regionOf } from "./region.ts";
import type { RasterImage, RgbImage } from "./rgbImage.ts";

/**
 * How a picture comes to a size of another shape: `cover` fills it and cuts off what is left over on two sides,
 * `contain` shows all of the picture and fills up on two sides, `stretch` changes its proportions.
 */
export type Fit = "cover" | "contain" | "stretch";

/** Which part of a picture is seen, and where it lies in the new one. */
export interface Placement {
  /** In the source's pixels. */
  from: Region;
  /** In the target's pixels. */
  to: Region;
}

function whole({ width, height }: Size): Region {
  return { x: 0, y: 0, width, height };
}

/** The largest size of another's proportions within a size, as diffusers' `resize_mode="fill"` rounds it (down). */
function inscribed({ width, height }: Size, limit: Size): Size {
  return limit.width * height < width * limit.height
    ? { width: limit.width, height: Math.max(1, Math.floor((height * limit.width) / width)) }
    : { width: Math.max(1, Math.floor((width * limit.height) / height)), height: limit.height };
}

function centered(inner: Size, outer: Size): Region {
  return {
    x: Math.floor(outer.width / 2) - Math.floor(inner.width / 2),
    y: Math.floor(outer.height / 2) - Math.floor(inner.height / 2),
    ...inner,
  };
}

/** Where a picture of one size goes in another, in whole pixels and centered. */
export function placementOf(source: Size, target: Size, fit: Fit): Placement {
  switch (fit) {
    case "stretch":
      return { from: whole(source), to: whole(target) };
    case "cover":
      return { from: centered(inscribed(target, source), source), to: whole(target) };
    case "contain":
      return { from: whole(source), to: centered(inscribed(source, target), target) };
  }
}

async function resampled<T extends RasterImage>(image: T, { width, height }: Size): Promise<T> {
  if (image.width === width && image.height === height) return image;
  return lanczosResampled(image, { width, height });
}

/**
 * Brings a picture to a size, by Lanczos resampling. A picture that has the size already comes back as it is.
 * @param outside what `contain` fills up with: `edge` repeats the picture's outermost pixels, which is what a model
 *   should see there and goes on with a flat background; `clear` is transparent (the default for pictures with alpha)
 */
export async function fitImage<T extends RasterImage>(
  image: T,
  target: Size,
  fit: Fit,
  outside: Outside = image.alpha ? "clear" : "edge",
): Promise<T> {
  if (image.width === target.width && image.height === target.height) return image;
  const { from, to } = placementOf(image, target, fit);
  const seen = await resampled(fit === "cover" ? regionOf(image, from) : image, to);
  if (fit !== "contain") return seen;
  return regionOf(seen, { x: -to.x, y: -to.y, width: target.width, height: target.height }, outside);
}

/**
 * Brings a result back to the size of the picture it was made from. What `contain` had filled up is cut off again
 * and `stretch` is undone; after `cover` the proportions stay, so that the source's cut edges do not come back.
 * @param fit how the source came to the result's size
 */
export async function fitToSource<T extends RasterImage>(result: T, source: Size, fit: Fit): Promise<T> {
  if (fit !== "contain") return fitImage(result, source, fit);
  return resampled(regionOf(result, placementOf(source, result, fit).to), source);
}

/**
 * Lays a picture onto white, for models, which know no opacity: a cut-out on white is what their training pictures
 * show, while the colors beneath clear pixels, often black, are an accident of the program that wrote the file.
 */
export function onWhite(image: RasterImage): RgbImage {
  if (!image.alpha) return image;
  const { width, height } = image;
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = image.data[pixel * 4 + 3] as number;
    for (let channel = 0; channel < 3; channel++) {
      const value = image.data[pixel * 4 + channel] as number;
      data[pixel * 3 + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, data };
}

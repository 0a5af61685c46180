import { describe, expect, it } from "vitest";
import { checkCutOut } from "../../../bench/accuracy/cutOutCheck.ts";
import type { RgbaImage, RgbImage } from "../../../src/images/rgbImage.ts";

const size = 64;
const inDisc = (pixel: number, radius: number) =>
  Math.hypot((pixel % size) - 31.5, Math.floor(pixel / size) - 31.5) < radius;

/** A red disc, or ring, on blue. */
function picture(hole = 0): RgbImage {
  const data = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const inFigure = inDisc(pixel, 20) && !inDisc(pixel, hole);
    data.set(inFigure ? [220, 30, 40] : [20, 60, 230], pixel * 3);
  }
  return { width: size, height: size, data };
}

/** The same with an opacity for each pixel. */
function cut(image: RgbImage, alphaOf: (pixel: number) => number): RgbaImage {
  const data = new Uint8Array(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++) {
    data.set([...image.data.subarray(pixel * 3, pixel * 3 + 3), alphaOf(pixel)], pixel * 4);
  }
  return { width: size, height: size, alpha: true, data };
}

describe("a cut-out", () => {
  const disc = picture();
  const solid = (pixel: number) => (inDisc(pixel, 20) ? 255 : 0);

  it("is right where the figure is solid and the rest clear", () => {
    expect(checkCutOut(disc, cut(disc, solid))).toBeUndefined();
  });

  it.each<[string, (pixel: number) => number]>([
    ["a corner is not clear", (pixel) => (pixel === 0 ? 1 : solid(pixel))],
    ["the figure has holes", (pixel) => (inDisc(pixel, 4) ? 254 : solid(pixel))],
    ["ground is left", (pixel) => (inDisc(pixel, 26) ? 255 : 0)],
  ])("is wrong where %s", (fault, alphaOf) => {
    expect(checkCutOut(disc, cut(disc, alphaOf))).toBe(fault);
  });

  it("keeps what the figure encloses", () => {
    const ring = picture(10);
    expect(checkCutOut(ring, cut(ring, solid))).toBeUndefined();
  });

  it("cannot be judged where nothing stands out", () => {
    const flat = { width: size, height: size, data: new Uint8Array(size * size * 3).fill(90) };
    expect(
      checkCutOut(
        flat,
        cut(flat, () => 0),
      ),
    ).toBe("no figure");
  });
});

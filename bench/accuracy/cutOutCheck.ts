import type { RgbaImage, RgbImage } from "../../src/images/rgbImage.ts";
import { findFigure } from "./figure.ts";

/** What is wrong with a figure that was cut out. */
export type CutOutFault = "a corner is not clear" | "the figure has holes" | "ground is left";

/** Most of the pixels that may be otherwise: at edges, opinions differ. As a fraction of the figure's area. */
const limit = 0.01;

/** Whether a pixel and all within two of it are of the figure: its soft edge is farther away. */
function isInside(coverage: Float32Array, width: number, pixel: number): boolean {
  for (let row = -2; row <= 2; row++) {
    for (let column = -2; column <= 2; column++) {
      if (coverage[pixel + row * width + column] !== 1) return false;
    }
  }
  return true;
}

/**
 * Compares a cut-out with the figure of the picture it was made from, which is found another way: by its color's
 * distance from that of the frame.
 * @returns nothing where the corners are clear and the figure is whole: solid inside, more solid than not to its edge
 */
export function checkCutOut(image: RgbImage, cut: RgbaImage): CutOutFault | "no figure" | undefined {
  const { width, height } = image;
  const alphaAt = (pixel: number) => cut.data[pixel * 4 + 3] as number;
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  if (corners.some((pixel) => alphaAt(pixel) > 0)) return "a corner is not clear";
  const figure = findFigure(image);
  if (typeof figure === "string") return "no figure";
  const { data: coverage } = figure.coverage;
  let [area, holes, ground] = [0, 0, 0];
  for (const [pixel, share] of coverage.entries()) {
    if (share === 1) {
      area++;
      if (alphaAt(pixel) < (isInside(coverage, width, pixel) ? 255 : 128)) holes++;
    } else if (share === 0 && alphaAt(pixel) >= 128) ground++;
  }
  if (holes > limit * area) return "the figure has holes";
  return ground > limit * area && !isRing(coverage, cut) ? "ground is left" : undefined;
}

/** What a figure encloses stays, as the hole of a ring does: ground that no way leads to from the border. */
function isRing(coverage: Float32Array, { width, height, data }: RgbaImage): boolean {
  const reached = new Uint8Array(coverage.length);
  const front = [0];
  reached[0] = 1;
  for (let next = 0; next < front.length; next++) {
    const pixel = front[next] as number;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    for (const [column, row] of [
      [x - 1, y],
      [x + 1, y],
      [x, y - 1],
      [x, y + 1],
    ] as const) {
      const neighbor = row * width + column;
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      if (reached[neighbor] || (coverage[neighbor] as number) > 0) continue;
      reached[neighbor] = 1;
      front.push(neighbor);
    }
  }
  return coverage.every((share, pixel) => share > 0 || reached[pixel] === 0 || data[pixel * 4 + 3] !== 255);
}

import type { RgbImage } from "../../src/images/rgbImage.ts";
import { colorDifference, type Lab, labOf, medianColor } from "./labColor.ts";

/** How much of each pixel something covers, 0 to 1, row by row. */
export interface Coverage {
  width: number;
  height: number;
  data: Float32Array;
}

/** What stands out in a picture. */
export interface Figure {
  ground: Lab;
  color: Lab;
  coverage: Coverage;
  /** Where each pixel's color lies on the way from the ground's (0) to the figure's (1), edges as soft as they are. */
  shares: Float32Array;
}

/** Why a picture shows no one figure on a ground. */
export type NoFigure =
  | "nothing stands out"
  | "several figures"
  | "the ground is not even"
  | "the figure is not even";

const limits = {
  /** Width of the frame whose color is the ground's, as a fraction of the side. */
  frame: 0.04,
  /** What differs less from the ground is the ground. In ΔE. */
  contrast: 15,
  /** The smallest area of a figure, as a fraction of the picture. */
  area: 0.005,
  /** Area beside the largest figure that does not count, as a fraction of the figure's. */
  specks: 0.1,
  /** Pixels of the ground, and of the figure's inside, that may look otherwise. */
  uneven: 0.15,
  /** What looks otherwise than the ground or the figure, in ΔE. */
  otherwise: 25,
  /** How far outside a figure its soft edge goes on, in pixels. */
  softEdge: 2,
  /** How much steeper edges are made, so that softness alone does not count against an outline. */
  steepness: 2.5,
};

function labPixels({ width, height, data }: RgbImage): Lab[] {
  return Array.from({ length: width * height }, (_, pixel) =>
    labOf(data[pixel * 3] ?? 0, data[pixel * 3 + 1] ?? 0, data[pixel * 3 + 2] ?? 0),
  );
}

function groundColor(pixels: readonly Lab[], width: number, height: number): Lab {
  const frame = Math.max(1, Math.round(Math.min(width, height) * limits.frame));
  return medianColor(
    pixels.filter((_, pixel) => {
      const x = pixel % width;
      const y = Math.floor(pixel / width);
      return Math.min(x, y, width - 1 - x, height - 1 - y) < frame;
    }),
  );
}

/** The connected regions of a mask, largest first: the pixels of each. */
function regions(mask: readonly boolean[], width: number): number[][] {
  const seen = new Uint8Array(mask.length);
  const found: number[][] = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || seen[start]) continue;
    const region = [start];
    seen[start] = 1;
    for (let next = 0; next < region.length; next++) {
      const pixel = region[next] ?? 0;
      const x = pixel % width;
      const around = [pixel - width, pixel + width, x > 0 ? pixel - 1 : -1, x < width - 1 ? pixel + 1 : -1];
      for (const neighbor of around) {
        if (!mask[neighbor] || seen[neighbor]) continue;
        seen[neighbor] = 1;
        region.push(neighbor);
      }
    }
    found.push(region);
  }
  return found.sort((one, other) => other.length - one.length);
}

/** Pixels of a region whose four neighbors belong to it too, twice over: without its soft edge. */
function inside(region: readonly number[], width: number): number[] {
  let core = region;
  for (let round = 0; round < 2; round++) {
    const members = new Set(core);
    const next = core.filter((pixel) => [-1, 1, -width, width].every((step) => members.has(pixel + step)));
    if (next.length < 8) break;
    core = next;
  }
  return [...core];
}

/** Where a color lies on the way from the ground's (0) to the figure's (1): how much of a soft edge is figure. */
function share(color: Lab, ground: Lab, figure: Lab): number {
  const way = [figure[0] - ground[0], figure[1] - ground[1], figure[2] - ground[2]] as const;
  const gone = [color[0] - ground[0], color[1] - ground[1], color[2] - ground[2]] as const;
  const dot = way[0] * gone[0] + way[1] * gone[1] + way[2] * gone[2];
  return dot / (way[0] ** 2 + way[1] ** 2 + way[2] ** 2);
}

function unevenPart(pixels: readonly Lab[], color: Lab): number {
  return (
    pixels.filter((pixel) => colorDifference(pixel, color) > limits.otherwise).length /
    Math.max(1, pixels.length)
  );
}

/** Pixels at most `reach` steps away from those of a mask. */
export function grown(mask: readonly boolean[], width: number, reach: number): boolean[] {
  let current = [...mask];
  for (let round = 0; round < reach; round++) {
    const before = current;
    current = before.map(
      (set, pixel) => set || [-1, 1, -width, width].some((step) => before[pixel + step] === true),
    );
  }
  return current;
}

/**
 * Finds the one figure of a picture: the connected region that differs from the color of the picture's frame.
 * Assumes nothing about what the figure is.
 */
export function findFigure(image: RgbImage): Figure | NoFigure {
  const { width, height } = image;
  const pixels = labPixels(image);
  const ground = groundColor(pixels, width, height);
  const distances = pixels.map((color) => colorDifference(color, ground));
  const strongest = Float64Array.from(distances).sort()[Math.floor(distances.length * 0.98)] ?? 0;
  if (strongest < limits.contrast) return "nothing stands out";

  const standsOut = distances.map((distance) => distance > Math.max(strongest / 2, limits.contrast));
  const [largest = [], ...others] = regions(standsOut, width);
  if (largest.length < limits.area * width * height) return "nothing stands out";
  const beside = others.reduce((sum, region) => sum + region.length, 0);
  if (beside > limits.specks * largest.length) return "several figures";

  const core = inside(largest, width).map((pixel) => pixels[pixel] ?? ground);
  const color = medianColor(core);
  if (unevenPart(core, color) > limits.uneven) return "the figure is not even";
  const figureMask = new Array<boolean>(width * height).fill(false);
  for (const pixel of largest) figureMask[pixel] = true;
  const near = grown(figureMask, width, limits.softEdge);
  if (
    unevenPart(
      pixels.filter((_, pixel) => !near[pixel]),
      ground,
    ) > limits.uneven
  )
    return "the ground is not even";

  const shares = Float32Array.from(pixels, (pixel) => share(pixel, ground, color));
  const data = shares.map((value, index) =>
    near[index] ? Math.min(1, Math.max(0, 0.5 + limits.steepness * (value - 0.5))) : 0,
  );
  return { ground, color, coverage: { width, height, data }, shares };
}

import type { RgbaImage, RgbImage } from "./rgbImage.ts";

/** A color in levels of 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** How far from the background, in pixels, an edge may still be mixed with it: anti-aliasing, and a VAE's softness. */
const edgeWidth = 3;

/** How many steps inwards the figure's own color is looked for. */
const reach = 4;

/** A step inwards leads to more of the figure when it goes at least this much farther from the background's color. */
const rise = { factor: 1.08, levels: 4 };

/** A color this far off the line between background and figure, relative to its length, is not a mixture of them. */
const offLine = 0.3;

/**
 * What differs from the background by less than this part of what the figure next to it does is no figure of its own:
 * sharpened edges overshoot, and leave the background darker or lighter than it is.
 */
const overshoot = 0.2;

/** How far the figure's colors go on beneath clear pixels, for programs that mix neighbors before they look at alpha. */
const bleed = 4;

/** The pixels around one, fewer at the picture's edges. */
function neighbors(pixel: number, width: number, height: number): number[] {
  const x = pixel % width;
  const y = (pixel - x) / width;
  const found: number[] = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      if (row !== y || column !== x) found.push(row * width + column);
    }
  }
  return found;
}

/**
 * Spreads from the marked pixels to their neighbors, ring by ring.
 * @param reaches whether a pixel is reached from another, which may be a marked one
 * @param visit called once with each pixel that is reached and the one it was reached from
 */
function spread(
  marked: Uint8Array,
  { width, height }: { width: number; height: number },
  rings: number,
  reaches: (pixel: number, from: number) => boolean,
  visit: (pixel: number, from: number) => void,
): void {
  const seen = marked.slice();
  let front: number[] = [];
  for (const [pixel, mark] of marked.entries()) if (mark === 1) front.push(pixel);
  for (let ring = 0; ring < rings; ring++) {
    const next: number[] = [];
    for (const from of front) {
      for (const pixel of neighbors(from, width, height)) {
        if (seen[pixel] === 1 || !reaches(pixel, from)) continue;
        seen[pixel] = 1;
        visit(pixel, from);
        next.push(pixel);
      }
    }
    front = next;
  }
}

function colorAt(data: Uint8Array, pixel: number): Color {
  return [data[pixel * 3] as number, data[pixel * 3 + 1] as number, data[pixel * 3 + 2] as number];
}

function difference(one: Color, other: Color): Color {
  return [one[0] - other[0], one[1] - other[1], one[2] - other[2]];
}

function product(one: Color, other: Color): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

/** How much of a color is the figure's, and the figure's color there. */
interface Share {
  alpha: number;
  color: Color;
}

/**
 * Takes a pixel's color apart: how far it lies on the way from the background's color to the figure's, in sRGB levels,
 * in which pictures are resampled and drawn.
 */
function shareOf(color: Color, figure: Color, background: Color): Share {
  const way = difference(figure, background);
  const own = difference(color, background);
  const length = product(way, way);
  const alpha = length === 0 ? 1 : product(own, way) / length;
  const off = Math.sqrt(Math.max(0, product(own, own) - alpha * alpha * length));
  if (alpha >= 1 || off > offLine * Math.sqrt(length)) return { alpha: 1, color };
  return { alpha: Math.max(0, alpha), color: figure };
}

/**
 * Cuts a figure out.
 * @param outside 1 for each pixel that is background, 0 for the figure and its edges
 * @param background the background's color
 * @returns opaque within; at the edges as clear as they are mixed with the background, in the figure's own color
 */
export function cutOut(image: RgbImage, outside: Uint8Array, background: Color): RgbaImage {
  const { width, height, data } = image;
  const distance = (pixel: number) => {
    const own = difference(colorAt(data, pixel), background);
    return Math.sqrt(product(own, own));
  };

  const higher = (pixel: number, than: number) =>
    distance(pixel) > distance(than) * rise.factor + rise.levels;

  /** Of the pixels in reach that are not background, the one that differs most from it. */
  const strongest = (start: number) => {
    let best = start;
    const [x, y] = [start % width, Math.floor(start / width)];
    for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
      for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++) {
        const pixel = row * width + column;
        if (outside[pixel] !== 1 && distance(pixel) > distance(best)) best = pixel;
      }
    }
    return best;
  };

  const overshoots = (pixel: number) => distance(pixel) < overshoot * distance(strongest(pixel));

  /** The figure's color at an edge: uphill to where the background has no part in it any more. */
  const figureColor = (start: number): Color => {
    let top = start;
    for (let step = 0; step < reach; step++) {
      const up = neighbors(top, width, height).filter((pixel) => outside[pixel] !== 1 && higher(pixel, top));
      if (up.length === 0) break;
      top = up.reduce((best, pixel) => (distance(pixel) > distance(best) ? pixel : best));
    }
    return colorAt(data, overshoots(top) ? strongest(top) : top);
  };

  const result = new Uint8Array(width * height * 4);
  const figure = new Uint8Array(width * height);
  const put = (pixel: number, [red, green, blue]: Color, alpha: number) => {
    result.set([red, green, blue, alpha], pixel * 4);
    figure[pixel] = alpha > 0 ? 1 : 0;
  };
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (outside[pixel] !== 1) put(pixel, colorAt(data, pixel), 255);
  }
  // Beyond the edge's top lies the figure, be it an outline: what is farther inside has no background in it.
  const inEdge = (pixel: number, from: number) =>
    outside[from] === 1 || higher(pixel, from) || overshoots(pixel);
  spread(outside, image, edgeWidth, inEdge, (pixel) => {
    const { alpha, color } = shareOf(colorAt(data, pixel), figureColor(pixel), background);
    put(pixel, color, Math.round(alpha * 255));
  });
  spread(
    figure,
    image,
    bleed,
    () => true,
    (pixel, from) => result.set([...result.subarray(from * 4, from * 4 + 3), 0], pixel * 4),
  );
  return { width, height, alpha: true, data: result };
}

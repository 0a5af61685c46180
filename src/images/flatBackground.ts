import { LimnerError } from "../protocol/limnerError.ts";
import { cutOut } from "./cutOut.ts";
import { type Oklab, oklab, oklabDistance } from "./oklab.ts";
import type { RgbaImage, RgbImage } from "./rgbImage.ts";

/** Distances are in Oklab, in which black and white are 1 apart. */
const limits = {
  /** The border may differ this much from its own color, apart from what a figure covers. */
  flatness: 0.05,
  /** How much of the border may be covered by a figure that is cut by the picture's edge. */
  covered: 0.3,
  /** What is as near as this to the background's color belongs to it, even on a border without any noise. */
  tolerance: 0.04,
  /** How much more than the border's own unevenness still counts: backgrounds are less even inside. */
  margin: 1.5,
  /**
   * What differs up to this much still belongs to it where it passes over into the rest without a visible step:
   * shadows and uneven light. Edges, soft ones too, have larger steps.
   */
  gradual: { distance: 0.09, step: 0.012 },
  /**
   * Networks that pad with zeros darken or lighten the outermost pixels. They go with the background next to them,
   * unless they are a figure's: farther from its color than this, and not outermost of all.
   */
  frame: { pixels: 5, outermost: 2, distance: 0.3 },
  /** Groups of at most so many pixels, at most so many times the tolerance away, are noise. */
  speck: { pixels: 16, margin: 2.5 },
};

/** The color of a flat background. */
interface Background {
  color: readonly [red: number, green: number, blue: number];
  /** Distance in Oklab up to which a pixel belongs to it. */
  tolerance: number;
}

/** How many pixels along the picture's edges say nothing about its background. */
function frameOf({ width, height }: RgbImage): number {
  return Math.min(limits.frame.pixels, Math.floor(Math.min(width, height) / 16));
}

/** Indices of the pixels along the edges of a picture, within the frame. */
function borderPixels(image: RgbImage): number[] {
  const { width, height } = image;
  const frame = frameOf(image);
  const thickness = Math.max(1, Math.round(Math.min(width, height) / 64));
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const depth = Math.min(x, y, width - 1 - x, height - 1 - y) - frame;
      if (depth >= 0 && depth < thickness) pixels.push(y * width + x);
    }
  }
  return pixels;
}

function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

function quantile(values: Float64Array, fraction: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * fraction))] ?? 0;
}

function labOf(data: Uint8Array, pixel: number): Oklab {
  const [red = 0, green = 0, blue = 0] = data.subarray(pixel * 3, pixel * 3 + 3);
  return oklab(red, green, blue);
}

/**
 * The background's color: the median of the border, channel by channel.
 * @throws LimnerError `background-not-flat` when the border is not of one color
 */
function backgroundOf(image: RgbImage): Background {
  const { data } = image;
  const border = borderPixels(image);
  const median = (channel: number) =>
    quantile(sorted(border.map((pixel) => data[pixel * 3 + channel] as number)), 0.5);
  const color = [median(0), median(1), median(2)] as const;
  const lab = oklab(...color);
  const distances = sorted(border.map((pixel) => oklabDistance(labOf(data, pixel), lab)));
  const unevenness = quantile(distances, 1 - limits.covered);
  if (unevenness > limits.flatness) {
    const percent = (value: number) => `${Math.round(value * 100)} %`;
    throw new LimnerError(
      "background-not-flat",
      `The background is not flat, so it cannot be made transparent: ${percent(limits.covered)} of the picture's ` +
        `border is ${percent(unevenness)} or more of the way from black to white away from the border's color, where ` +
        `${percent(limits.flatness)} is the limit. Ask for a plain background in the prompt.`,
    );
  }
  return { color, tolerance: Math.max(limits.tolerance, unevenness * limits.margin) };
}

/**
 * The pixels of a background's color that a path of such pixels joins to the border, step by step to the side, up or
 * down (not across corners: a thin slanted line holds it back).
 */
function connectedToBorder(image: RgbImage, { color, tolerance }: Background): Uint8Array {
  const { width, height, data } = image;
  const lab = oklab(...color);
  const connected = new Uint8Array(width * height);
  const pending: number[] = [];
  const visit = (pixel: number, from?: number) => {
    if (connected[pixel] === 1) return;
    const own = labOf(data, pixel);
    const distance = oklabDistance(own, lab);
    const { distance: farthest, step } = limits.gradual;
    const gradual = from !== undefined && distance <= farthest;
    if (distance > tolerance && !(gradual && oklabDistance(own, labOf(data, from)) <= step)) return;
    connected[pixel] = 1;
    pending.push(pixel);
  };
  for (const pixel of borderPixels(image)) visit(pixel);
  for (let pixel = pending.pop(); pixel !== undefined; pixel = pending.pop()) {
    const x = pixel % width;
    if (x > 0) visit(pixel - 1, pixel);
    if (x < width - 1) visit(pixel + 1, pixel);
    if (pixel >= width) visit(pixel - width, pixel);
    if (pixel < width * (height - 1)) visit(pixel + width, pixel);
  }
  return connected;
}

/** Adds the frame where the background lies next to it. */
function addFrame(image: RgbImage, outside: Uint8Array, { color }: Background): void {
  const { width, height, data } = image;
  const lab = oklab(...color);
  const frame = frameOf(image);
  const inward = (at: number, length: number) => Math.min(Math.max(at, frame), length - 1 - frame);
  for (let pixel = 0; pixel < outside.length; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const [column, row] = [inward(x, width), inward(y, height)];
    if ((column === x && row === y) || outside[row * width + column] !== 1) continue;
    const outermost = Math.min(x, y, width - 1 - x, height - 1 - y) < limits.frame.outermost;
    const near = oklabDistance(labOf(data, pixel), lab) <= limits.frame.distance;
    if (outermost || near) outside[pixel] = 1;
  }
}

/** Groups of touching pixels that are not background, each as a list. */
function* figuresOf(outside: Uint8Array, width: number): Generator<number[], void, undefined> {
  const seen = outside.slice();
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    const figure = [start];
    for (let i = 0; i < figure.length; i++) {
      const pixel = figure[i] as number;
      const x = pixel % width;
      for (const next of [
        x > 0 ? pixel - 1 : -1,
        x < width - 1 ? pixel + 1 : -1,
        pixel - width,
        pixel + width,
      ]) {
        if (seen[next] !== 0) continue;
        seen[next] = 1;
        figure.push(next);
      }
    }
    yield figure;
  }
}

/**
 * Adds to the background what noise has set apart from it, a few pixels of nearly its color, and what lies wholly at
 * the picture's edges: there the frame is deeper in places, in the corners above all.
 */
function removeSpecks(image: RgbImage, outside: Uint8Array, { color, tolerance }: Background): void {
  const { width, height, data } = image;
  const lab = oklab(...color);
  const rim = 2 * frameOf(image);
  const inRim = (pixel: number) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return Math.min(x, y, width - 1 - x, height - 1 - y) < rim;
  };
  const near = (pixel: number) => oklabDistance(labOf(data, pixel), lab) <= tolerance * limits.speck.margin;
  for (const figure of figuresOf(outside, width)) {
    const noise = figure.length <= limits.speck.pixels && figure.every(near);
    if (noise || figure.every(inRim)) for (const pixel of figure) outside[pixel] = 1;
  }
}

/**
 * Removes the flat background of a picture: what has the border's color and is connected to the border becomes clear,
 * and the figure's edges become as clear as they were mixed with the background, in the figure's own color, so that
 * no halo shows on another background. What the figure encloses, such as the hole of a ring, stays: it may as well be
 * a part of the figure (the white of an eye on white), and nothing in the picture tells the two apart. Noise, the
 * traces of JPEG, and the soft edges and the frame of VAEs are allowed for, a figure may touch the border, and specks of background
 * that noise has set apart go with it, as does what lies wholly within the outermost pixels (10, less in small
 * pictures).
 * @throws LimnerError `background-not-flat` when the border is not of one color; it says how far it is from that
 */
export function withoutFlatBackground(image: RgbImage): RgbaImage {
  const background = backgroundOf(image);
  const outside = connectedToBorder(image, background);
  addFrame(image, outside, background);
  removeSpecks(image, outside, background);
  return cutOut(image, outside, background.color);
}

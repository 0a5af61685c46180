import { setImmediate as pause } from "node:timers/promises";
import type { Size } from "../protocol/size.ts";
import { channelsOf, type RasterImage } from "./rgbImage.ts";

/** Half the width of the filter, in pixels of the smaller grid. */
const radius = 3;

/** Weights are whole numbers of 2⁻²², so that the same picture gives the same bytes everywhere. */
const one = 2 ** 22;

/** Lines between two pauses: no caller's event loop waits for a large picture. */
const linesAtOnce = 128;

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function lanczos(x: number): number {
  return x >= -radius && x < radius ? sinc(x) * sinc(x / radius) : 0;
}

/** What one output pixel takes of a line: from pixel `first` on, times the weights. */
interface Taps {
  first: number;
  weights: Int32Array;
}

/** The taps of a line's output pixels; where it shrinks, the filter is as much wider. */
function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - radius * stretch + 0.5));
    const last = Math.min(from, Math.trunc(center + radius * stretch + 0.5));
    const plain = Array.from({ length: last - first }, (_, k) =>
      lanczos((first + k - center + 0.5) / stretch),
    );
    const sum = plain.reduce((all, weight) => all + weight, 0);
    // Rounded half away from zero.
    const rounded = plain.map((weight) => Math.trunc((weight / sum) * one + (weight < 0 ? -0.5 : 0.5)));
    return { first, weights: Int32Array.from(rounded) };
  });
}

/** How the pixels of a line and the lines themselves lie in the bytes of a picture. */
interface Layout {
  lines: number;
  /** Bytes from one line to the next, before and after. */
  line: readonly [from: number, to: number];
  /** Bytes from one pixel of a line to the next. */
  step: readonly [from: number, to: number];
  channels: number;
}

/** Resamples every line of a picture. */
async function resampleLines(
  source: Uint8Array,
  taps: readonly Taps[],
  bytes: number,
  { lines, line, step, channels }: Layout,
): Promise<Uint8Array> {
  const result = new Uint8ClampedArray(bytes);
  for (let at = 0; at < lines; at++) {
    if (at > 0 && at % linesAtOnce === 0) await pause();
    for (let pixel = 0; pixel < taps.length; pixel++) {
      const { first, weights } = taps[pixel] as Taps;
      const start = at * line[0] + first * step[0];
      const to = at * line[1] + pixel * step[1];
      for (let channel = 0; channel < channels; channel++) {
        let from = start + channel;
        let sum = one / 2;
        for (let k = 0; k < weights.length; k++) {
          sum += (weights[k] as number) * (source[from] as number);
          from += step[0];
        }
        // Floored: a clamped array alone would round once more.
        result[to + channel] = Math.floor(sum / one);
      }
    }
  }
  return new Uint8Array(result.buffer);
}

/** `a · b / 255`, rounded. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/** Colors times opacity, so that those beneath clear pixels do not bleed out. */
function premultiplied(data: Uint8Array): Uint8Array {
  return data.map((value, i) => (i % 4 === 3 ? value : share(value, data[i - (i % 4) + 3] as number)));
}

function unpremultiplied(data: Uint8Array): Uint8Array {
  return data.map((value, i) => {
    const alpha = data[i - (i % 4) + 3] as number;
    if (i % 4 === 3 || alpha === 255 || alpha === 0) return value;
    return Math.min(255, Math.trunc((255 * value) / alpha));
  });
}

/** A picture's bytes while it is resampled. */
interface Pixels extends Size {
  channels: number;
  data: Uint8Array;
}

async function withWidth({ width: from, height, channels, data }: Pixels, width: number): Promise<Pixels> {
  const resampled = await resampleLines(data, tapsOf(from, width), width * height * channels, {
    lines: height,
    line: [from * channels, width * channels],
    step: [channels, channels],
    channels,
  });
  return { width, height, channels, data: resampled };
}

/** Each column is a line here. */
async function withHeight({ width, height: from, channels, data }: Pixels, height: number): Promise<Pixels> {
  const resampled = await resampleLines(data, tapsOf(from, height), width * height * channels, {
    lines: width,
    line: [channels, channels],
    step: [width * channels, width * channels],
    channels,
  });
  return { width, height, channels, data: resampled };
}

/**
 * Resamples a picture with the Lanczos filter along one axis and then the other, each rounded to bytes, with Pillow's
 * arithmetic (`Image.resize`, `LANCZOS`), which diffusers' pipelines use. libvips enlarges with another filter, up to
 * half a pixel off its place, so that a picture and its mask would no longer lie on top of each other.
 */
export async function lanczosResampled<T extends RasterImage>(image: T, { width, height }: Size): Promise<T> {
  let pixels: Pixels = {
    width: image.width,
    height: image.height,
    channels: channelsOf(image),
    data: image.alpha ? premultiplied(image.data) : image.data,
  };
  // What shrinks goes before what grows; else columns come first.
  const rowsFirst = height < image.height && width > image.width;
  if (rowsFirst) pixels = await withHeight(pixels, height);
  if (width !== image.width) pixels = await withWidth(pixels, width);
  if (height !== pixels.height) pixels = await withHeight(pixels, height);
  return { ...image, width, height, data: image.alpha ? unpremultiplied(pixels.data) : pixels.data };
}

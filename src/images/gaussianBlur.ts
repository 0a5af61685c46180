import type { Mask } from "./mask.ts";

/** Passes of the box: three are within 3 % of a Gaussian. */
const passes = 3;

const { fround } = Math;

/**
 * Radius, with a fraction, of the box that blurs as a Gaussian does when applied three times (Gwosdek et al.,
 * "Theoretical Foundations of Gaussian Convolution by Extended Box Filtering", 2011).
 * @param radius standard deviation in pixels
 */
function boxRadius(radius: number): number {
  const variance = (radius * radius) / passes;
  const whole = Math.floor((Math.sqrt(12 * variance + 1) - 1) / 2);
  const fraction =
    ((2 * whole + 1) * (whole * (whole + 1) - 3 * variance)) / (6 * (variance - (whole + 1) * (whole + 1)));
  return fround(whole + fraction);
}

/** One pass of the box along a line; the pixels at its ends go on beyond it. Rounds to bytes, as Pillow does. */
function blurLine(line: Uint8Array, radius: number, output: Uint8Array): void {
  const last = line.length - 1;
  const whole = Math.floor(radius);
  // Fixed point with 24 bits: the weight of a pixel within the box and of the two that it covers in part.
  const near = Math.trunc(fround(2 ** 24 / fround(fround(radius * 2) + 1)));
  const far = Math.trunc((2 ** 24 - (whole * 2 + 1) * near) / 2);
  const at = (x: number) => line[Math.min(Math.max(x, 0), last)] as number;
  let sum = 0;
  for (let x = -whole - 1; x < whole; x++) sum += at(x);
  for (let x = 0; x <= last; x++) {
    sum += at(x + whole) - at(x - whole - 1);
    const bulk = sum * near + (at(x - whole - 1) + at(x + whole + 1)) * far;
    output[x] = Math.floor((bulk + 2 ** 23) / 2 ** 24);
  }
}

/**
 * Blurs a mask as Pillow's `GaussianBlur` does, which diffusers' `VaeImageProcessor.blur` uses: three box blurs an
 * axis, rounded to bytes after each.
 * @param radius standard deviation in pixels, 0 for none
 */
export function blurredMask(mask: Mask, radius: number): Mask {
  if (radius <= 0) return mask;
  const { width, height } = mask;
  const box = boxRadius(radius);
  const data = mask.data.slice();
  blurAxis(data, { lines: height, length: width, lineStep: width, step: 1 }, box);
  blurAxis(data, { lines: width, length: height, lineStep: 1, step: width }, box);
  return { width, height, data };
}

interface Axis {
  lines: number;
  length: number;
  /** Bytes from a line to the next. */
  lineStep: number;
  /** Bytes from a pixel of a line to the next. */
  step: number;
}

function blurAxis(data: Uint8Array, { lines, length, lineStep, step }: Axis, box: number): void {
  let line = new Uint8Array(length);
  let output = new Uint8Array(length);
  for (let index = 0; index < lines; index++) {
    for (let i = 0; i < length; i++) line[i] = data[index * lineStep + i * step] as number;
    for (let pass = 0; pass < passes; pass++) {
      blurLine(line, box, output);
      [line, output] = [output, line];
    }
    for (let i = 0; i < length; i++) data[index * lineStep + i * step] = line[i] as number;
  }
}

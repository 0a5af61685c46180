import { solveSymmetric } from "./linearSystem.ts";
import type { RgbImage } from "./rgbImage.ts";

/** A linear map from latents to colors: `rgb = weights · latent + bias`, in levels of 0 to 255. */
export interface LatentRgb {
  /** Per color (red, green, blue), the weight of each latent channel. */
  weights: readonly (readonly number[])[];
  /** Red, green, blue. */
  bias: readonly number[];
}

/** Latents as the denoising loop has them, before division by the VAE's scaling factor. */
export interface Latents {
  /** `[1, channels, height, width]` */
  shape: readonly number[];
  data: Float32Array;
}

/** What is known of the latents of SDXL's own VAE (diffusers' documentation, "Pipeline callbacks"). */
export const sdxlLatentRgb: LatentRgb = {
  weights: [
    [60, -60, 25, -70],
    [60, -5, 15, -50],
    [60, 10, -5, -35],
  ],
  bias: [150, 140, 130],
};

/**
 * A small picture of latents without the VAE, one pixel a latent. Latents that still have noise give a noisy picture:
 * give it the sampler's guess of the finished ones where there is one.
 * @throws RangeError when the map is for another number of channels
 */
export function latentPreview({ shape, data }: Latents, { weights, bias }: LatentRgb): RgbImage {
  const [, channels = 0, height = 0, width = 0] = shape;
  const plane = width * height;
  // A clamped array rounds to the nearest level and turns NaN to 0.
  const pixels = new Uint8ClampedArray(plane * 3);
  for (let color = 0; color < 3; color++) {
    const row = weights[color] ?? [];
    if (row.length !== channels) {
      throw new RangeError(`The preview is made for ${row.length} latent channels, not for ${channels}.`);
    }
    for (let i = 0; i < plane; i++) {
      let value = bias[color] ?? 0;
      for (let channel = 0; channel < channels; channel++) {
        value += (row[channel] as number) * (data[channel * plane + i] as number);
      }
      pixels[i * 3 + color] = value;
    }
  }
  return { width, height, data: new Uint8Array(pixels.buffer) };
}

/** Mean colors of the pixels that belong to each latent, `height · width · 3` values. */
function meanColors({ width, height, data }: RgbImage, columns: number, rows: number): Float64Array {
  const [across, down] = [width / columns, height / rows];
  if (!Number.isInteger(across) || !Number.isInteger(down)) {
    throw new RangeError(`A picture of ${width}x${height} does not belong to ${columns}x${rows} latents.`);
  }
  const means = new Float64Array(columns * rows * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = (Math.floor(y / down) * columns + Math.floor(x / across)) * 3;
      for (let color = 0; color < 3; color++) {
        means[cell + color] =
          (means[cell + color] as number) + (data[(y * width + x) * 3 + color] as number) / (across * down);
      }
    }
  }
  return means;
}

/**
 * The map that comes closest to a VAE on examples, by least squares over all their pixels.
 * @param examples finished latents and what the VAE decodes them to, all of one number of channels
 * @throws RangeError when the examples do not determine a map: there are none, or a channel never changes
 */
export function fitLatentRgb(examples: Iterable<{ latents: Latents; image: RgbImage }>): LatentRgb {
  let size = 0;
  // The normal equations: latents and a 1 for the bias, against themselves and against the colors.
  let squares: number[][] = [];
  let products: number[][] = [];
  for (const { latents, image } of examples) {
    const [, channels = 0, height = 0, width = 0] = latents.shape;
    if (size === 0) {
      size = channels + 1;
      squares = Array.from({ length: size }, () => new Array<number>(size).fill(0));
      products = Array.from({ length: 3 }, () => new Array<number>(size).fill(0));
    }
    if (size !== channels + 1) throw new RangeError("The examples differ in their number of channels.");
    const plane = width * height;
    const colors = meanColors(image, width, height);
    for (let i = 0; i < plane; i++) {
      const values = Array.from({ length: size }, (_, channel) =>
        channel < channels ? (latents.data[channel * plane + i] as number) : 1,
      );
      for (const [k, row] of squares.entries()) add(row, values, values[k] as number);
      for (const [color, row] of products.entries()) add(row, values, colors[i * 3 + color] as number);
    }
  }
  if (size === 0) throw new RangeError("There are no examples to fit a preview to.");
  const solutions = products.map((row) => solveSymmetric(squares, row));
  return {
    weights: solutions.map((row) => row.slice(0, -1)),
    bias: solutions.map((row) => row.at(-1) ?? 0),
  };
}

function add(row: number[], values: readonly number[], factor: number): void {
  for (const [i, value] of values.entries()) row[i] = (row[i] as number) + factor * value;
}

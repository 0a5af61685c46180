import { f32, type TensorOf } from "../openvino/tensor.ts";

/** How guidance is applied. */
export interface Guidance {
  /** How far to go from the negative prediction to the positive one, and beyond: above 1. */
  scale: number;
  /** How much of the positive prediction's contrast is brought back, 0 to 1 (default: 0). */
  rescale?: number;
  /** The part of the steps that is guided, as fractions from 0 to 1 (default: all of them). */
  range?: readonly [from: number, to: number];
}

/** Whether a step is guided: steps `from · steps` up to, but not including, `to · steps`. */
export function isGuided(step: number, steps: number, range: Guidance["range"]): boolean {
  const [from, to] = range ?? [0, 1];
  return step >= from * steps && step < to * steps;
}

/** Standard deviation over all values, unbiased. */
function deviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.fround(Math.sqrt(squares / (values.length - 1)));
}

/**
 * `φ · guided · std(positive)/std(guided) + (1 − φ) · guided`: guidance with less of its glare (Lin and others 2023,
 * "Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4; diffusers' `rescale_noise_cfg`).
 * @param guided of one image; `positive` is the positive prompt's own prediction
 * @param phi 0 to 1
 */
function rescaled(guided: Float32Array, positive: Float32Array, phi: number): Float32Array {
  const { fround } = Math;
  const ratio = fround(deviation(positive) / deviation(guided));
  const share = fround(phi);
  const rest = fround(1 - phi);
  return guided.map((value) => fround(share * fround(value * ratio)) + fround(rest * value));
}

/**
 * Classifier-free guidance (Ho and Salimans 2022): `negative + scale · (positive − negative)`, in float32, then
 * rescaled where that is asked for.
 * @param negative prediction for one image, as long as `positive`
 */
export function guide(negative: Float32Array, positive: Float32Array, guidance: Guidance): Float32Array {
  const guided = new Float32Array(positive.length);
  const scale = Math.fround(guidance.scale);
  for (let i = 0; i < guided.length; i++) {
    const from = negative[i] as number;
    guided[i] = from + Math.fround(scale * Math.fround((positive[i] as number) - from));
  }
  return guidance.rescale ? rescaled(guided, positive, guidance.rescale) : guided;
}

/**
 * The guidance scale as UNets with `time_cond_proj_dim` take it (LCM's distilled models), `[1, width]`: with
 * w = 1000 · (scale − 1) and frequencies exp(−i · ln(10⁴)/(width/2 − 1)), the sines and then the cosines of w · frequency
 * (diffusers' `get_guidance_scale_embedding`).
 * @param width the UNet's `time_cond_proj_dim`; where it is odd, the last value is 0
 */
export function guidanceEmbedding(scale: number, width: number): TensorOf<"f32"> {
  const { fround } = Math;
  const half = Math.floor(width / 2);
  const w = fround(fround(scale - 1) * 1000);
  const step = -fround(Math.log(10_000) / (half - 1));
  const values = new Float32Array(width);
  for (let i = 0; i < half; i++) {
    const angle = fround(w * fround(Math.exp(fround(i * step))));
    values[i] = Math.sin(angle);
    values[half + i] = Math.cos(angle);
  }
  return f32([1, width], values);
}

import { divide, fround, multiply, sqrt } from "./float32.ts";

/** What a model can be trained to predict. */
export const predictionTypes = ["epsilon", "v_prediction", "sample"] as const;
export type PredictionType = (typeof predictionTypes)[number];

/**
 * The clear sample x₀ that a model's output amounts to, where the noisy one is x₀ + σ·ε (Karras et al. 2022).
 * @param sigma standard deviation of the noise
 */
export function clearSample(
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
  sigma: number,
): Float32Array {
  switch (type) {
    case "epsilon":
      return sample.map((value, i) => value - fround(sigma * (output[i] as number)));
    case "v_prediction": {
      const variance = fround(fround(sigma * sigma) + 1);
      const factor = divide(-sigma, sqrt(variance));
      return sample.map((value, i) => fround((output[i] as number) * factor) + fround(value / variance));
    }
    case "sample":
      return output;
  }
}

/** How much of a noisy sample is signal and how much is noise: α·x₀ + σ·ε with α² + σ² = 1. */
export interface NoiseLevel {
  alpha: number;
  sigma: number;
}

/** The level that a cumulative product ᾱ of a noise schedule stands for. */
export function levelOfAlphaBar(alphaBar: number): NoiseLevel {
  return { alpha: sqrt(alphaBar), sigma: sqrt(fround(1 - alphaBar)) };
}

/** The clear sample that a model's output amounts to, where the noisy one is α·x₀ + σ·ε. */
export function clearSampleAt(
  { alpha, sigma }: NoiseLevel,
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
): Float32Array {
  switch (type) {
    case "epsilon":
      return sample.map((value, i) => fround(value - fround(sigma * (output[i] as number))) / alpha);
    case "v_prediction":
      return sample.map((value, i) => multiply(alpha, value) - fround(sigma * (output[i] as number)));
    case "sample":
      return output;
  }
}

/** The noise ε that a model's output amounts to, where the noisy sample is α·x₀ + σ·ε. */
export function noiseAt(
  { alpha, sigma }: NoiseLevel,
  type: PredictionType,
  output: Float32Array,
  sample: Float32Array,
): Float32Array {
  switch (type) {
    case "epsilon":
      return output;
    case "v_prediction":
      return sample.map((value, i) => fround(alpha * (output[i] as number)) + fround(sigma * value));
    case "sample":
      return sample.map((value, i) => fround(value - fround(alpha * (output[i] as number))) / sigma);
  }
}

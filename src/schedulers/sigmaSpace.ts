import { fround, sqrt } from "./float32.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";
import { interpolate, type SigmaCurve, timestepsOfSigmas } from "./sigmaSchedules.ts";
import { type Spacing, type Spread, spacings, spreadTimesteps } from "./timestepSpacing.ts";

// What samplers share that keep a noisy sample as x₀ + σ·ε (Karras et al. 2022).

/** Reads `timestep_spacing` and `steps_offset`. */
export function readSpacing(
  config: ConfigReader,
  plain: Spacing = "linspace",
): Pick<Spread, "spacing" | "offset"> {
  return {
    spacing: config.choice("timestep_spacing", plain, spacings),
    offset: config.integer("steps_offset", 0),
  };
}

/** Sigmas where steps begin, in double, and their timesteps. */
export interface SigmaPlan {
  sigmas: number[];
  timesteps: number[];
}

/**
 * Sigmas of timesteps, interpolated between the training steps', or a curve between their ends.
 * @param plain timesteps, and their sigmas where those are not simply interpolated
 */
export function planSigmas(
  training: Float32Array,
  plain: { timesteps: ArrayLike<number>; sigmas?: number[] },
  curve: SigmaCurve | undefined,
  steps: number,
): SigmaPlan {
  const timesteps = Array.from(plain.timesteps);
  const sigmas = plain.sigmas ?? timesteps.map((timestep) => interpolate(training, timestep));
  if (!curve) return { sigmas, timesteps };
  const spread = curve.spread(sigmas[0] as number, sigmas[sigmas.length - 1] as number, steps);
  return { sigmas: spread, timesteps: timestepsOfSigmas(spread, training) };
}

/** Spread timesteps in float32, where such samplers begin. */
export function spreadInFloat32(spread: Spread): Float32Array {
  return Float32Array.from(spreadTimesteps(spread));
}

/** Standard deviation of the first noise: diffusers adds the image's own variance with leading spacing only. */
export function firstNoiseSigma(sigmas: Float32Array, spacing: Spacing): number {
  const largest = sigmas.reduce((most, sigma) => Math.max(most, sigma), 0);
  return spacing === "leading" ? sqrt(fround(fround(largest ** 2) + 1)) : largest;
}

/** A sample x₀ + σ·ε scaled to unit variance. */
export function toUnitVariance(sample: Float32Array, sigma: number): Float32Array {
  const scale = sqrt(fround(fround(sigma * sigma) + 1));
  return sample.map((value) => value / scale);
}

/** x₀ + σ·ε. */
export function addNoiseOfSigma(original: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  return original.map((value, i) => value + fround((noise[i] as number) * sigma));
}

/** The derivative dx/dσ at a sample, (x − x₀)/σ. */
export function derivativeAt(sample: Float32Array, clear: Float32Array, sigma: number): Float32Array {
  return sample.map((value, i) => fround(value - (clear[i] as number)) / sigma);
}

/** x + d·Δσ. */
export function moveAlong(sample: Float32Array, derivative: Float32Array, width: number): Float32Array {
  return sample.map((value, i) => value + fround((derivative[i] as number) * width));
}

/** Reads `final_sigmas_type`. */
export function readFinalSigma(config: ConfigReader): "zero" | "sigma_min" {
  return config.choice("final_sigmas_type", "zero", ["zero", "sigma_min"]);
}

/** Limits of `clip_sample`, where the configuration asks for it. */
export function readClip(config: ConfigReader, plain: boolean): number | undefined {
  const range = config.number("clip_sample_range", 1);
  if (!config.flag("clip_sample", plain)) return undefined;
  if (range <= 0) {
    throw new SchedulerError(
      `The scheduler's configuration has clip_sample_range ${range}: it takes more than 0.`,
    );
  }
  return range;
}

/** Values limited to ±range, or as they are. */
export function clip(values: Float32Array, range: number | undefined): Float32Array {
  if (range === undefined) return values;
  const limit = fround(range);
  return values.map((value) => Math.min(limit, Math.max(-limit, value)));
}

import { fround } from "./float32.ts";
import { levelOfAlphaBar, type NoiseLevel } from "./prediction.ts";
import { SchedulerError } from "./schedulerConfig.ts";

// What samplers share that keep a noisy sample as √ᾱ·x₀ + √(1−ᾱ)·ε and step from timestep to timestep.

/** √ᾱ·x₀ + √(1−ᾱ)·ε. */
export function addNoiseAt(
  { alpha, sigma }: NoiseLevel,
  original: Float32Array,
  noise: Float32Array,
): Float32Array {
  return original.map((value, i) => fround(alpha * value) + fround(sigma * (noise[i] as number)));
}

/** ᾱ of whole timesteps. */
export class AlphaBars {
  readonly #values: Float32Array;
  /** ᾱ where the last step ends. */
  readonly #end: number;

  /** @param setToOne whether the last step ends with a clear sample, or as noisy as timestep 0 */
  constructor(values: Float32Array, setToOne: boolean) {
    this.#values = values;
    this.#end = setToOne ? 1 : (values[0] as number);
  }

  /** @param timestep a training step, or less than 0 for where the last step ends */
  at(timestep: number): number {
    return timestep < 0 ? this.#end : (this.#values[timestep] as number);
  }

  levelAt(timestep: number): NoiseLevel {
    return levelOfAlphaBar(this.at(timestep));
  }

  /**
   * Checks that every timestep of a plan is a training step, and that the clear sample can be told there.
   * @param dividesBySignal whether the clear sample is computed by a division by √ᾱ and not clipped
   * @throws SchedulerError
   */
  check(timesteps: readonly number[], dividesBySignal: boolean): void {
    for (const timestep of timesteps) {
      if (!(timestep < this.#values.length)) {
        throw new SchedulerError(
          `So many steps begin at timestep ${timestep}, but there are ${this.#values.length} training steps: ` +
            "take fewer steps or steps_offset 0.",
        );
      }
      if (dividesBySignal && this.at(timestep) === 0) {
        throw new SchedulerError(
          `Timestep ${timestep} is pure noise (rescale_betas_zero_snr), which a model with prediction_type epsilon ` +
            "cannot start from. Choose another sampler or leading spacing.",
        );
      }
    }
  }
}

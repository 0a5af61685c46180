import { readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import type { Scheduler } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { exponentialSigmas, interpolate, karrasSigmas, timestepOfSigma } from "./sigmaSchedules.ts";
import { spacings, spreadTimesteps } from "./timestepSpacing.ts";

const { fround } = Math;

/** The settings of diffusers' `EulerDiscreteScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  const alternatives = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"] as const;
  const chosen = alternatives.filter((key) => config.flag(key, false));
  if (chosen.length > 1) {
    throw new SchedulerError(`The scheduler's configuration has both ${chosen.join(" and ")}: choose one.`);
  }
  if (chosen[0] === "use_beta_sigmas") {
    throw new SchedulerError(
      "The scheduler's configuration has use_beta_sigmas, which the euler sampler here lacks.",
    );
  }
  return {
    sigmas: chosen[0],
    predictionType: config.choice("prediction_type", "epsilon", [
      "epsilon",
      "v_prediction",
      "sample",
      "original_sample",
    ]),
    spacing: config.choice("timestep_spacing", "linspace", spacings),
    interpolation: config.choice("interpolation_type", "linear", ["linear", "log_linear"]),
    continuous: config.choice("timestep_type", "discrete", ["discrete", "continuous"]) === "continuous",
    finalSigma: config.choice("final_sigmas_type", "zero", ["zero", "sigma_min"]),
    offset: config.integer("steps_offset", 0),
    sigmaMin: config.optionalNumber("sigma_min"),
    sigmaMax: config.optionalNumber("sigma_max"),
  };
}

/** Euler's method on the probability-flow ODE (Karras et al. 2022, algorithm 2 without churn), as diffusers has it. */
export class EulerScheduler implements Scheduler {
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  readonly #trainingSigmas: Float32Array;
  #timesteps: number[] = [];
  /** One more than there are steps: where each begins, and where the last ends. */
  #sigmas = new Float32Array();

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config);
    this.#settings = readSettings(config);
    this.#trainTimesteps = schedule.trainTimesteps;
    this.#trainingSigmas = trainingSigmas(schedule);
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  get sigmas(): Float32Array {
    return this.#sigmas;
  }

  get initNoiseSigma(): number {
    const largest = this.#sigmas.reduce((most, sigma) => Math.max(most, sigma), 0);
    return this.#settings.spacing === "leading" ? fround(Math.sqrt(fround(largest ** 2) + 1)) : largest;
  }

  setTimesteps(steps: number): void {
    const { spacing, offset, interpolation, finalSigma, continuous, predictionType } = this.#settings;
    const training = this.#trainingSigmas;
    const spread = spreadTimesteps(spacing, steps, this.#trainTimesteps, offset);
    const smallest = training[0] as number;
    const interpolated =
      interpolation === "linear"
        ? Array.from(spread, (timestep) => interpolate(training, timestep))
        : exponentialSigmas(training[training.length - 1] as number, smallest, steps + 1);
    const { sigmas, timesteps } = this.#respace(interpolated, steps) ?? {
      sigmas: interpolated,
      timesteps: [...spread],
    };
    this.#sigmas = Float32Array.from([...sigmas, finalSigma === "zero" ? 0 : smallest]);
    this.#timesteps =
      continuous && predictionType === "v_prediction"
        ? Array.from(this.#sigmas.subarray(0, -1), (sigma) => fround(0.25 * fround(Math.log(sigma))))
        : timesteps.map(fround);
  }

  /** The sigmas between the ends of those given, where the configuration asks for another curve. */
  #respace(sigmas: readonly number[], steps: number): { sigmas: number[]; timesteps: number[] } | undefined {
    if (!this.#settings.sigmas) return undefined;
    const curve = this.#settings.sigmas === "use_karras_sigmas" ? karrasSigmas : exponentialSigmas;
    const largest = this.#settings.sigmaMax ?? (sigmas[0] as number);
    const smallest = this.#settings.sigmaMin ?? (sigmas[sigmas.length - 1] as number);
    const respaced = curve(largest, smallest, steps);
    const logSigmas = this.#trainingSigmas.map(Math.log);
    return { sigmas: respaced, timesteps: respaced.map((sigma) => timestepOfSigma(sigma, logSigmas)) };
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    const sigma = this.#sigmas[index] as number;
    const scale = fround(Math.sqrt(fround(fround(sigma * sigma) + 1)));
    return sample.map((value) => value / scale);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const sigma = this.#sigmas[index] as number;
    const width = fround((this.#sigmas[index + 1] as number) - sigma);
    const original = this.#originalSample(modelOutput, sample, sigma);
    return sample.map((value, i) => {
      const derivative = fround(fround(value - (original[i] as number)) / sigma);
      return value + fround(derivative * width);
    });
  }

  /** The clear sample that the model's output amounts to. */
  #originalSample(output: Float32Array, sample: Float32Array, sigma: number): Float32Array {
    switch (this.#settings.predictionType) {
      case "epsilon":
        return sample.map((value, i) => value - fround(sigma * (output[i] as number)));
      case "v_prediction": {
        const variance = fround(fround(sigma * sigma) + 1);
        const factor = fround(-sigma / fround(Math.sqrt(variance)));
        return sample.map((value, i) => fround((output[i] as number) * factor) + fround(value / variance));
      }
      case "sample":
      case "original_sample":
        return output;
    }
  }
}

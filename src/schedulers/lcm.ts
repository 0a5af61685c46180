import { AlphaBars, addNoiseAt } from "./alphaBarSpace.ts";
import { ConsistencySteps } from "./consistencySteps.ts";
import { refuseThresholding } from "./customSchedule.ts";
import { add, combine, divide, fround, multiply, sqrt } from "./float32.ts";
import { latentBetas, readNoiseSchedule } from "./noiseSchedule.ts";
import { clearSampleAt, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import { clip, readClip } from "./sigmaSpace.ts";

/** Variance of the data in the boundary conditions. */
const dataVariance = 0.25;

/** The settings of diffusers' `LCMScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  refuseThresholding(config);
  return {
    predictionType: config.choice("prediction_type", "epsilon", predictionTypes),
    clip: readClip(config, false),
    timestepScaling: config.number("timestep_scaling", 10),
  };
}

/**
 * Sampling of latent consistency models (Luo et al. 2023, algorithm 3), as diffusers' `LCMScheduler` has it: each call
 * predicts the clear sample, which is made noisy again for the next. Draws noise at every step but the last.
 */
export class LcmScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #steps: ConsistencySteps;
  readonly #alphaBars: AlphaBars;
  #timesteps: number[] = [];

  /** @throws SchedulerError for a value that diffusers refuses too, and for thresholding */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config, {
      betas: latentBetas,
      shape: "scaled_linear",
      zeroSnr: "exact",
    });
    this.#settings = readSettings(config);
    this.#steps = new ConsistencySteps("lcm", config, schedule.trainTimesteps);
    this.#alphaBars = new AlphaBars(schedule.alphasCumprod, config.flag("set_alpha_to_one", true));
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const timesteps = this.#steps.plan(steps, custom);
    const { predictionType, clip: range } = this.#settings;
    this.#alphaBars.check(timesteps, predictionType === "epsilon" && range === undefined);
    this.#timesteps = timesteps;
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#alphaBars.levelAt(this.#timesteps[index] as number), original, noise);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, { noise }: StepOptions): Float32Array {
    const { predictionType, clip: range, timestepScaling } = this.#settings;
    const timestep = this.#timesteps[index] as number;
    const level = this.#alphaBars.levelAt(timestep);
    const clear = clip(clearSampleAt(level, predictionType, modelOutput, sample), range);
    const scaled = multiply(timestep, fround(timestepScaling));
    const variance = add(multiply(scaled, scaled), dataVariance);
    const denoised = combine(
      [divide(scaled, sqrt(variance)), clear],
      [divide(dataVariance, variance), sample],
    );
    const next = this.#timesteps[index + 1];
    return next === undefined ? denoised : addNoiseAt(this.#alphaBars.levelAt(next), denoised, noise());
  }
}

import { AlphaBars, addNoiseAt } from "./alphaBarSpace.ts";
import { ConsistencySteps } from "./consistencySteps.ts";
import { combine, divide, fround, multiply, sqrt, subtract } from "./float32.ts";
import { latentBetas, readNoiseSchedule } from "./noiseSchedule.ts";
import { clearSampleAt, noiseAt, type PredictionType, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";

/**
 * Trajectory consistency distillation (Zheng et al. 2024, algorithm 4), as diffusers' `TCDScheduler` has it: each call
 * jumps below the next timestep by the fraction η (the paper's γ) and noise brings the sample back up. With η 0 it
 * draws none, else at every step but the last.
 */
export class TcdScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = true;
  readonly initNoiseSigma = 1;
  readonly #predictionType: PredictionType;
  readonly #steps: ConsistencySteps;
  readonly #alphaBars: AlphaBars;
  #timesteps: number[] = [];

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config, {
      betas: latentBetas,
      shape: "scaled_linear",
      zeroSnr: "exact",
    });
    this.#predictionType = config.choice("prediction_type", "epsilon", predictionTypes);
    this.#steps = new ConsistencySteps("tcd", config, schedule.trainTimesteps);
    this.#alphaBars = new AlphaBars(schedule.alphasCumprod, config.flag("set_alpha_to_one", true));
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const timesteps = this.#steps.plan(steps, custom);
    this.#alphaBars.check(timesteps, this.#predictionType === "epsilon");
    this.#timesteps = timesteps;
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#alphaBars.levelAt(this.#timesteps[index] as number), original, noise);
  }

  /** @throws SchedulerError when η is not from 0 to 1 */
  step(
    modelOutput: Float32Array,
    index: number,
    sample: Float32Array,
    { noise, eta = 0 }: StepOptions,
  ): Float32Array {
    if (!(eta >= 0 && eta <= 1))
      throw new SchedulerError(`The tcd sampler takes eta from 0 to 1, not ${eta}.`);
    const isLast = index === this.#timesteps.length - 1;
    const level = this.#alphaBars.levelAt(this.#timesteps[index] as number);
    const next = isLast ? 0 : (this.#timesteps[index + 1] as number);
    const target = Math.floor(multiply(fround(1 - eta), next));
    const targetLevel = this.#alphaBars.levelAt(target);
    const clear = clearSampleAt(level, this.#predictionType, modelOutput, sample);
    const predicted = noiseAt(level, this.#predictionType, modelOutput, sample);
    const jumped = combine([targetLevel.alpha, clear], [targetLevel.sigma, predicted]);
    if (eta === 0 || isLast) return jumped;
    const ratio = divide(this.#alphaBars.at(next), this.#alphaBars.at(target));
    return addNoiseAt({ alpha: sqrt(ratio), sigma: sqrt(subtract(1, ratio)) }, jumped, noise());
  }
}

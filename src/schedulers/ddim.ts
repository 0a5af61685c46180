import { AlphaBars, addNoiseAt } from "./alphaBarSpace.ts";
import { checkCustom, refuseThresholding } from "./customSchedule.ts";
import { combine, divide, fround, multiply, sqrt, subtract } from "./float32.ts";
import { readNoiseSchedule } from "./noiseSchedule.ts";
import { clearSampleAt, noiseAt, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { clip, readClip, readSpacing } from "./sigmaSpace.ts";
import { roundHalfEven, spreadTimesteps } from "./timestepSpacing.ts";

/** The settings of diffusers' `DDIMScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  refuseThresholding(config);
  return {
    predictionType: config.choice("prediction_type", "epsilon", predictionTypes),
    ...readSpacing(config, "leading"),
    clip: readClip(config, true),
  };
}

/** Denoising diffusion implicit models (Song et al. 2021, equations 12 and 16), as diffusers' `DDIMScheduler` has it. */
export class DdimScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = true;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  readonly #alphaBars: AlphaBars;
  #timesteps: number[] = [];
  /** Training steps that each step spans. */
  #stride = 1;

  /** @throws SchedulerError for a value that diffusers refuses too, and for thresholding */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const { alphasCumprod, trainTimesteps } = readNoiseSchedule(config, { zeroSnr: "exact" });
    this.#settings = readSettings(config);
    this.#trainTimesteps = trainTimesteps;
    this.#alphaBars = new AlphaBars(alphasCumprod, config.flag("set_alpha_to_one", true));
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { spacing, offset, predictionType, clip: range } = this.#settings;
    const trainTimesteps = this.#trainTimesteps;
    checkCustom(custom, { trainTimesteps }, { sampler: "ddim" });
    if (steps > trainTimesteps) {
      throw new SchedulerError(`The ddim sampler takes ${trainTimesteps} steps at most, not ${steps}.`);
    }
    const timesteps = spreadTimesteps({ spacing, offset, steps, trainTimesteps }).map(roundHalfEven);
    this.#alphaBars.check(timesteps, predictionType === "epsilon" && range === undefined);
    this.#timesteps = timesteps;
    this.#stride = Math.floor(trainTimesteps / steps);
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#alphaBars.levelAt(this.#timesteps[index] as number), original, noise);
  }

  step(
    modelOutput: Float32Array,
    index: number,
    sample: Float32Array,
    { noise, eta = 0 }: StepOptions,
  ): Float32Array {
    const { predictionType, clip: range } = this.#settings;
    const timestep = this.#timesteps[index] as number;
    const level = this.#alphaBars.levelAt(timestep);
    const alphaBar = this.#alphaBars.at(timestep);
    const nextAlphaBar = this.#alphaBars.at(timestep - this.#stride);
    const clear = clip(clearSampleAt(level, predictionType, modelOutput, sample), range);
    // The noise of the sample before it is clipped, as diffusers has it.
    const predicted = noiseAt(level, predictionType, modelOutput, sample);
    const variance = multiply(
      divide(subtract(1, nextAlphaBar), subtract(1, alphaBar)),
      subtract(1, divide(alphaBar, nextAlphaBar)),
    );
    const deviation = multiply(fround(eta), sqrt(variance));
    const direction = sqrt(subtract(subtract(1, nextAlphaBar), multiply(deviation, deviation)));
    const next = combine([sqrt(nextAlphaBar), clear], [direction, predicted]);
    if (eta <= 0) return next;
    const fresh = noise();
    return next.map((value, i) => value + fround(deviation * (fresh[i] as number)));
  }
}

import { checkCustom } from "./customSchedule.ts";
import { fround, subtract } from "./float32.ts";
import { latentBetas, readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import { clearSample, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import { readSigmaCurve } from "./sigmaSchedules.ts";
import {
  addNoiseOfSigma,
  clip,
  derivativeAt,
  firstNoiseSigma,
  moveAlong,
  planSigmas,
  readClip,
  readSpacing,
  spreadInFloat32,
  toUnitVariance,
} from "./sigmaSpace.ts";

/** The settings of diffusers' `HeunDiscreteScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  return {
    curve: readSigmaCurve(config),
    predictionType: config.choice("prediction_type", "epsilon", predictionTypes),
    ...readSpacing(config),
    clip: readClip(config, false),
  };
}

/** Every value but the first twice. */
function doubled(values: readonly number[]): number[] {
  return values.flatMap((value, i) => (i === 0 ? [value] : [value, value]));
}

/** Where a step began, kept for its second half. */
interface FirstHalf {
  sample: Float32Array;
  derivative: Float32Array;
  width: number;
}

/**
 * Heun's method (Karras et al. 2022, algorithm 2 without churn), as diffusers has it: a step of Euler, then the same
 * step again with the mean of the derivatives at both ends. The last step, to zero, has no second half.
 */
export class HeunScheduler implements Scheduler {
  readonly order = 2;
  readonly takesEta = false;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  readonly #trainingSigmas: Float32Array;
  #timesteps: number[] = [];
  /** Of each call, and where the last ends. */
  #sigmas = new Float32Array();
  #firstHalf: FirstHalf | undefined;

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config, {
      betas: latentBetas,
      moreShapes: ["exp"],
      zeroSnr: "ignored",
    });
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
    return firstNoiseSigma(this.#sigmas, this.#settings.spacing);
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { curve, spacing, offset } = this.#settings;
    const trainTimesteps = this.#trainTimesteps;
    const given = checkCustom(custom, { trainTimesteps }, { sampler: "heun", timesteps: true, curve });
    const count = given.timesteps?.length ?? steps;
    const timesteps = given.timesteps ?? spreadInFloat32({ spacing, offset, steps, trainTimesteps });
    const plan = planSigmas(this.#trainingSigmas, { timesteps }, curve, count);
    this.#sigmas = Float32Array.from([...doubled(plan.sigmas), 0]);
    this.#timesteps = doubled(plan.timesteps).map(fround);
    this.#firstHalf = undefined;
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return toUnitVariance(sample, this.#sigmas[index] as number);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseOfSigma(original, noise, this.#sigmas[index] as number);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const { predictionType, clip: range } = this.#settings;
    const sigma = this.#sigmas[index] as number;
    const clear = clip(clearSample(predictionType, modelOutput, sample, sigma), range);
    const derivative = derivativeAt(sample, clear, sigma);
    const first = this.#firstHalf;
    if (!first) {
      const width = subtract(this.#sigmas[index + 1] as number, sigma);
      this.#firstHalf = { sample, derivative, width };
      return moveAlong(sample, derivative, width);
    }
    this.#firstHalf = undefined;
    const mean = derivative.map((value, i) => fround((first.derivative[i] as number) + value) / 2);
    return moveAlong(first.sample, mean, first.width);
  }
}

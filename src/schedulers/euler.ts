import { checkCustom } from "./customSchedule.ts";
import { fround, log, subtract } from "./float32.ts";
import { readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import { clearSample, type PredictionType, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import { exponentialSigmas, readSigmaCurve, timestepsOfSigmas } from "./sigmaSchedules.ts";
import {
  addNoiseOfSigma,
  derivativeAt,
  firstNoiseSigma,
  moveAlong,
  planSigmas,
  readFinalSigma,
  readSpacing,
  spreadInFloat32,
  toUnitVariance,
} from "./sigmaSpace.ts";

/** The settings of diffusers' `EulerDiscreteScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  const asked = config.choice("prediction_type", "epsilon", [...predictionTypes, "original_sample"]);
  const predictionType: PredictionType = asked === "original_sample" ? "sample" : asked;
  const continuous = config.choice("timestep_type", "discrete", ["discrete", "continuous"]) === "continuous";
  return {
    curve: readSigmaCurve(config),
    predictionType,
    ...readSpacing(config),
    interpolation: config.choice("interpolation_type", "linear", ["linear", "log_linear"]),
    /** Timesteps are a function of sigma instead of a place among the training steps. */
    continuous: continuous && predictionType === "v_prediction",
    finalSigma: readFinalSigma(config),
  };
}

/** Euler's method on the probability-flow ODE (Karras et al. 2022, algorithm 2 without churn), as diffusers has it. */
export class EulerScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
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
    return firstNoiseSigma(this.#sigmas, this.#settings.spacing);
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { continuous, curve } = this.#settings;
    const follows = { sampler: "euler", sigmas: true, timesteps: !continuous, curve };
    const checked = checkCustom(custom, { trainTimesteps: this.#trainTimesteps }, follows);
    const { sigmas, timesteps } = checked.sigmas
      ? this.#follow(checked.sigmas)
      : this.#plan(checked.timesteps?.length ?? steps, checked.timesteps);
    this.#sigmas = Float32Array.from(sigmas);
    this.#timesteps = continuous
      ? Array.from(this.#sigmas.subarray(0, -1), (sigma) => fround(0.25 * log(sigma)))
      : timesteps.map(fround);
  }

  #plan(steps: number, given: readonly number[] | undefined): { sigmas: number[]; timesteps: number[] } {
    const { spacing, offset, interpolation, finalSigma, curve } = this.#settings;
    const training = this.#trainingSigmas;
    const smallest = training[0] as number;
    const timesteps =
      given ?? spreadInFloat32({ spacing, steps, trainTimesteps: this.#trainTimesteps, offset });
    const plain =
      interpolation === "linear"
        ? { timesteps }
        : {
            timesteps,
            sigmas: exponentialSigmas(training[training.length - 1] as number, smallest, steps + 1),
          };
    const plan = planSigmas(training, plain, curve, steps);
    return { ...plan, sigmas: [...plan.sigmas, finalSigma === "zero" ? 0 : smallest] };
  }

  #follow(given: readonly number[]): { sigmas: number[]; timesteps: number[] } {
    const sigmas = given.map(fround);
    return { sigmas, timesteps: timestepsOfSigmas(sigmas.slice(0, -1), this.#trainingSigmas) };
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return toUnitVariance(sample, this.#sigmas[index] as number);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseOfSigma(original, noise, this.#sigmas[index] as number);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const sigma = this.#sigmas[index] as number;
    const clear = clearSample(this.#settings.predictionType, modelOutput, sample, sigma);
    const width = subtract(this.#sigmas[index + 1] as number, sigma);
    return moveAlong(sample, derivativeAt(sample, clear, sigma), width);
  }
}

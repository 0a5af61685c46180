import { checkCustom } from "./customSchedule.ts";
import { combine, fround, type Term } from "./float32.ts";
import { readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import { clearSample, predictionTypes } from "./prediction.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import { readSigmaCurve } from "./sigmaSchedules.ts";
import {
  addNoiseOfSigma,
  derivativeAt,
  firstNoiseSigma,
  planSigmas,
  readSpacing,
  spreadInFloat32,
  toUnitVariance,
} from "./sigmaSpace.ts";

/** How many derivatives a step weighs. */
const largestOrder = 4;

/** The settings of diffusers' `LMSDiscreteScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  return {
    curve: readSigmaCurve(config, ["karras"]),
    predictionType: config.choice("prediction_type", "epsilon", predictionTypes),
    ...readSpacing(config),
  };
}

/**
 * Integral from `from` to `to` of the Lagrange polynomial that is 1 at `nodes[at]` and 0 at the other nodes. Gauss's
 * rule with two points is exact up to degree 3, so with 4 nodes.
 */
function lagrangeIntegral(nodes: readonly number[], at: number, from: number, to: number): number {
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  const value = (x: number) =>
    nodes.reduce(
      (product, node, k) => (k === at ? product : product * ((x - node) / ((nodes[at] as number) - node))),
      1,
    );
  return half * (value(middle - half / Math.sqrt(3)) + value(middle + half / Math.sqrt(3)));
}

/** A linear multistep method of order 4 (Adams and Bashforth) in σ, as diffusers' `LMSDiscreteScheduler` has it. */
export class LmsScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  readonly #trainingSigmas: Float32Array;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();
  /** Of the last steps, newest first. */
  #derivatives: Float32Array[] = [];

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config, { zeroSnr: "ignored" });
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
    checkCustom(custom, { trainTimesteps }, { sampler: "lms" });
    const timesteps = spreadInFloat32({ spacing, offset, steps, trainTimesteps });
    const plan = planSigmas(this.#trainingSigmas, { timesteps }, curve, steps);
    this.#sigmas = Float32Array.from([...plan.sigmas, 0]);
    this.#timesteps = plan.timesteps.map(fround);
    this.#derivatives = [];
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
    this.#derivatives = [derivativeAt(sample, clear, sigma), ...this.#derivatives].slice(0, largestOrder);
    const [first, ...others] = this.#terms(index);
    const change = combine(first as Term, ...others);
    return sample.map((value, i) => value + (change[i] as number));
  }

  /**
   * The derivatives with their weights, newest first. A run that began in the middle of the schedule has fewer
   * derivatives than the order that the place in the schedule allows; diffusers weighs them by that order still.
   */
  #terms(index: number): Term[] {
    const order = Math.min(index + 1, largestOrder);
    const nodes = Array.from({ length: order }, (_, k) => this.#sigmas[index - k] as number);
    const to = this.#sigmas[index + 1] as number;
    return this.#derivatives
      .slice(0, order)
      .map((derivative, k) => [fround(lagrangeIntegral(nodes, k, nodes[0] as number, to)), derivative]);
  }
}

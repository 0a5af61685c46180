import { addNoiseAt } from "./alphaBarSpace.ts";
import { checkCustom } from "./customSchedule.ts";
import { readDpmSettings } from "./dpmSettings.ts";
import { dpmUpdate, drawsNoise, predictsClear, scaledDifference } from "./dpmUpdate.ts";
import { add, divide, fround, log, subtract } from "./float32.ts";
import { type NoiseSchedule, readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { linspace } from "./sigmaSchedules.ts";
import { readSpacing } from "./sigmaSpace.ts";
import {
  clearAt,
  clippedSteps,
  epsilonAt,
  lambdaOf,
  levelOfSigma,
  planFlow,
  planSolver,
  type SolverPlan,
} from "./solverSpace.ts";
import { spreadSolverTimesteps } from "./timestepSpacing.ts";

/** Runs shorter than this end with steps of lower order, which are stabler. */
const fewSteps = 15;

/** Even steps in λ (Lu et al. 2022), whose ends are float32 logarithms. */
function evenLambdaSigmas(largest: number, smallest: number, steps: number): number[] {
  return linspace(log(largest), log(smallest), steps).map(Math.exp);
}

/** The settings of diffusers' `DPMSolverMultistepScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  const settings = readDpmSettings(config);
  if (settings.algorithm === "sde-dpmsolver" && settings.solverOrder > 2) {
    throw new SchedulerError(
      `The scheduler's configuration has solver_order ${settings.solverOrder}: sde-dpmsolver takes 2 at most.`,
    );
  }
  const evenLambdas = config.flag("use_lu_lambdas", false);
  return {
    ...settings,
    ...readSpacing(config),
    curve:
      settings.curve ??
      (evenLambdas ? { name: "exponential" as const, spread: evenLambdaSigmas } : undefined),
    /** Curves whose timesteps are rounded; the others' are cut. */
    rounded:
      settings.curve?.name === "karras" || (settings.curve === undefined && evenLambdas)
        ? config.choice("beta_schedule", "linear", ["linear", "scaled_linear", "squaredcos_cap_v2"]) !==
          "squaredcos_cap_v2"
        : false,
    lowerOrderFinal: config.flag("lower_order_final", true),
    eulerAtFinal: config.flag("euler_at_final", false),
  };
}

/**
 * DPM-Solver and DPM-Solver++ in their multistep form (Lu et al. 2022), of orders 1 to 3, deterministic and
 * stochastic, as diffusers' `DPMSolverMultistepScheduler` has them. The stochastic forms draw noise at every step.
 */
export class DpmMultistepScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #schedule: NoiseSchedule;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();
  /** What the model predicted at the last steps, newest first. */
  #predictions: Float32Array[] = [];

  /** @throws SchedulerError for a value that diffusers refuses too, and for thresholding */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    this.#schedule = readNoiseSchedule(config);
    this.#settings = readSettings(config);
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  get sigmas(): Float32Array {
    return this.#sigmas;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { curve, flow, finalSigma } = this.#settings;
    const follows = { sampler: "dpmpp-2m", timesteps: !flow, curve };
    const { timesteps } = checkCustom(custom, this.#schedule, follows);
    const plan = this.#plan(steps, timesteps);
    const smallest = trainingSigmas(this.#schedule)[0] as number;
    this.#timesteps = plan.timesteps;
    this.#sigmas = Float32Array.from([...plan.sigmas, finalSigma === "zero" ? 0 : smallest]);
    this.#predictions = [];
  }

  #plan(steps: number, given: readonly number[] | undefined): SolverPlan {
    const { spacing, offset, curve, flow, flowShift, rounded, lambdaMinClipped } = this.#settings;
    const { trainTimesteps } = this.#schedule;
    if (flow) return planFlow(steps, trainTimesteps, flowShift);
    const noisiest = trainTimesteps - clippedSteps(this.#schedule, lambdaMinClipped);
    const timesteps = given ?? spreadSolverTimesteps({ spacing, offset, steps, trainTimesteps }, noisiest);
    return planSolver(this.#schedule, timesteps, curve, { steps, rounded });
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#levelAt(index), original, noise);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, { noise }: StepOptions): Float32Array {
    const { algorithm, solverOrder } = this.#settings;
    const convert = predictsClear(algorithm) ? clearAt : epsilonAt;
    const conversion = { ...this.#settings, sigma: this.#sigmas[index] as number };
    const prediction = convert(conversion, modelOutput, sample);
    this.#predictions = [prediction, ...this.#predictions].slice(0, solverOrder);
    const target = this.#levelAt(index + 1);
    const base = this.#levelAt(index);
    return dpmUpdate({
      algorithm,
      target,
      base,
      h: this.#width(index),
      sample,
      prediction,
      ...this.#derivatives(index, Math.min(this.#predictions.length, this.#largestOrder(index))),
      noise: drawsNoise(algorithm) ? noise() : undefined,
    });
  }

  /** The highest order that the place in the schedule allows. */
  #largestOrder(index: number): number {
    const { lowerOrderFinal, eulerAtFinal, finalSigma } = this.#settings;
    const left = this.#timesteps.length - index;
    const lower = lowerOrderFinal && this.#timesteps.length < fewSteps;
    if (left === 1 && (eulerAtFinal || lower || finalSigma === "zero")) return 1;
    return left === 2 && lower ? 2 : 3;
  }

  /** Derivatives in λ as far as an order needs them, from the differences of the last predictions. */
  #derivatives(index: number, order: number): { first?: DerivativeTerm; second?: Float32Array } {
    const [newest, last, beforeLast] = this.#predictions;
    if (order < 2 || !newest || !last) return {};
    const h = this.#width(index);
    const ratio = divide(this.#width(index - 1), h);
    const first = scaledDifference(divide(1, ratio), newest, last);
    if (order < 3 || !beforeLast) return { first: { values: first, rule: this.#settings.rule } };
    const ratioBefore = divide(this.#width(index - 2), h);
    const firstBefore = scaledDifference(divide(1, ratioBefore), last, beforeLast);
    const span = add(ratio, ratioBefore);
    const correction = scaledDifference(divide(ratio, span), first, firstBefore);
    return {
      first: {
        values: first.map((value, i) => fround(value + (correction[i] as number))),
        rule: "integrated",
      },
      second: scaledDifference(divide(1, span), first, firstBefore),
    };
  }

  /** Width of a step in λ. */
  #width(index: number): number {
    return subtract(lambdaOf(this.#levelAt(index + 1)), lambdaOf(this.#levelAt(index)));
  }

  #levelAt(index: number) {
    return levelOfSigma(this.#sigmas[index] as number, this.#settings.flow);
  }
}

/** A first derivative and how it is weighed. */
interface DerivativeTerm {
  values: Float32Array;
  rule: "midpoint" | "integrated";
}

import { addNoiseAt } from "./alphaBarSpace.ts";
import { checkCustom } from "./customSchedule.ts";
import { readDpmSettings } from "./dpmSettings.ts";
import { type DpmStep, dpmUpdate, drawsNoise, predictsClear, scaledDifference } from "./dpmUpdate.ts";
import { combine, divide, subtract } from "./float32.ts";
import { type NoiseSchedule, readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
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

/** The settings of diffusers' `DPMSolverSinglestepScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  const settings = readDpmSettings(config, ["dpmsolver", "dpmsolver++", "sde-dpmsolver++"]);
  if (settings.solverOrder > 3) {
    throw new SchedulerError(
      `The scheduler's configuration has solver_order ${settings.solverOrder}: the singlestep solver takes 3 at most.`,
    );
  }
  return { ...settings, lowerOrderFinal: config.flag("lower_order_final", false) };
}

/** Orders of the steps: 1, 2, …, `order` again and again. */
function planOrders(steps: number, order: number, lowerOrderFinal: boolean, endsAtZero: boolean): number[] {
  const cycle = Array.from({ length: steps }, (_, i) => (i % order) + 1);
  const lower = lowerOrderFinal || endsAtZero || steps % order !== 0;
  // A last cycle that is whole gives up its highest order: 1, 2, 1 instead of 1, 2, 3, and 1, 1 instead of 1, 2.
  if (lower && order > 1 && steps % order === 0) cycle[steps - 1] = 1;
  if (endsAtZero) cycle[steps - 1] = 1;
  return cycle;
}

/**
 * DPM-Solver and DPM-Solver++ in their singlestep form (Lu et al. 2022), of orders 1 to 3, as diffusers'
 * `DPMSolverSinglestepScheduler` has them: steps of rising order from the same base. The stochastic form draws noise
 * at every step.
 */
export class DpmSinglestepScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #schedule: NoiseSchedule;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();
  #orders: number[] = [];
  /** What the model predicted at the last steps, newest first. */
  #predictions: Float32Array[] = [];
  /** The sample at the last step of order 1: the base of those that follow. */
  #baseSample: Float32Array | undefined;

  /** @throws SchedulerError for a value that diffusers refuses too, and for thresholding */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    this.#schedule = readNoiseSchedule(config, { zeroSnr: "ignored" });
    this.#settings = readSettings(config);
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  get sigmas(): Float32Array {
    return this.#sigmas;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { curve, finalSigma, solverOrder, lowerOrderFinal } = this.#settings;
    const follows = { sampler: "dpmpp-sde", timesteps: true, curve };
    const { timesteps } = checkCustom(custom, this.#schedule, follows);
    const plan = this.#plan(timesteps?.length ?? steps, timesteps);
    const smallest = trainingSigmas(this.#schedule)[0] as number;
    this.#timesteps = plan.timesteps;
    this.#sigmas = Float32Array.from([...plan.sigmas, finalSigma === "zero" ? 0 : smallest]);
    this.#orders = planOrders(plan.timesteps.length, solverOrder, lowerOrderFinal, finalSigma === "zero");
    this.#predictions = [];
    this.#baseSample = undefined;
  }

  #plan(steps: number, given: readonly number[] | undefined): SolverPlan {
    const { curve, flow, flowShift, lambdaMinClipped } = this.#settings;
    const { trainTimesteps } = this.#schedule;
    if (flow) return planFlow(steps, trainTimesteps, flowShift);
    const noisiest = trainTimesteps - clippedSteps(this.#schedule, lambdaMinClipped);
    const spread = { spacing: "linspace", offset: 0, steps, trainTimesteps } as const;
    const timesteps = given ?? spreadSolverTimesteps(spread, noisiest);
    return planSolver(this.#schedule, timesteps, curve, { steps, rounded: curve?.name === "karras" });
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
    this.#predictions = [convert(conversion, modelOutput, sample), ...this.#predictions].slice(
      0,
      solverOrder,
    );
    const fresh = drawsNoise(algorithm) ? noise() : undefined;
    // A run that begins in the middle has no earlier predictions yet.
    const order = Math.min(this.#orders[index] as number, this.#predictions.length);
    if (order === 1) this.#baseSample = sample;
    const baseIndex = index - (order - 1);
    return dpmUpdate({
      algorithm,
      target: this.#levelAt(index + 1),
      base: this.#levelAt(baseIndex),
      h: this.#width(baseIndex, index + 1),
      sample: this.#baseSample ?? sample,
      ...this.#derivatives(index, order),
      noise: fresh,
    });
  }

  /** The prediction at the base, and derivatives in λ there as far as an order needs them. */
  #derivatives(index: number, order: number): Pick<DpmStep, "prediction" | "first" | "second"> {
    const [newest, last, beforeLast] = this.#predictions as [Float32Array, ...Float32Array[]];
    const { rule } = this.#settings;
    if (order === 1 || !last) return { prediction: newest };
    const base = index - (order - 1);
    const h = this.#width(base, index + 1);
    const ratio = divide(this.#width(base, index), h);
    if (order === 2 || !beforeLast) {
      return { prediction: last, first: { values: scaledDifference(divide(1, ratio), newest, last), rule } };
    }
    const ratioLast = divide(this.#width(base, index - 1), h);
    const near = scaledDifference(divide(1, ratioLast), last, beforeLast);
    const far = scaledDifference(divide(1, ratio), newest, beforeLast);
    if (rule === "midpoint") {
      return { prediction: beforeLast, first: { values: far, rule: "integrated" } };
    }
    const span = subtract(ratio, ratioLast);
    return {
      prediction: beforeLast,
      first: {
        values: combine([ratio, near], [-ratioLast, far]).map((value) => value / span),
        rule: "integrated",
      },
      second: scaledDifference(2, far, near).map((value) => value / span),
    };
  }

  /** Distance in λ between the begins of two steps. */
  #width(from: number, to: number): number {
    return subtract(lambdaOf(this.#levelAt(to)), lambdaOf(this.#levelAt(from)));
  }

  #levelAt(index: number) {
    return levelOfSigma(this.#sigmas[index] as number, this.#settings.flow);
  }
}

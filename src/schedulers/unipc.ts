import { addNoiseAt } from "./alphaBarSpace.ts";
import { checkCustom } from "./customSchedule.ts";
import { type NoiseSchedule, readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { linspace } from "./sigmaSchedules.ts";
import { readSpacing } from "./sigmaSpace.ts";
import {
  clearAt,
  epsilonAt,
  flowNeedsClear,
  levelOfSigma,
  planSolver,
  readSolverSettings,
  refuseCurvedFlow,
  type SolverPlan,
  shiftFlow,
} from "./solverSpace.ts";
import { spreadSolverTimesteps } from "./timestepSpacing.ts";
import { unipcUpdate } from "./unipcUpdate.ts";

/** The settings of diffusers' `UniPCMultistepScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  config.refuse("solver_p", "another solver as predictor is not known; leave it out");
  config.refuse("use_dynamic_shifting", "SDXL knows no shift by size; set it to false");
  const settings = readSolverSettings(config);
  if (settings.curve?.name !== "karras") refuseCurvedFlow(settings);
  const solverType = config.choice("solver_type", "bh2", ["bh1", "bh2", "midpoint", "heun", "logrho"]);
  const shiftTerminal = config.optionalNumber("shift_terminal");
  if (shiftTerminal !== undefined && !settings.flow) {
    throw new SchedulerError(
      `The scheduler's configuration has shift_terminal ${shiftTerminal}, which needs use_flow_sigmas.`,
    );
  }
  const read = {
    ...settings,
    ...readSpacing(config),
    solverType: solverType === "bh1" ? ("bh1" as const) : ("bh2" as const),
    predictsClear: config.flag("predict_x0", true),
    lowerOrderFinal: config.flag("lower_order_final", true),
    withoutCorrector: config.optionalNumbers("disable_corrector") ?? [],
    shiftTerminal,
  };
  if (!read.predictsClear && read.predictionType === "flow_prediction") throw flowNeedsClear();
  refuseInfinite(read);
  return read;
}

/** λ is infinite at sigma zero; what would compute with it there gives no numbers in diffusers. */
function refuseInfinite(settings: {
  finalSigma: string;
  predictsClear: boolean;
  solverType: string;
  lowerOrderFinal: boolean;
  solverOrder: number;
}): void {
  if (settings.finalSigma !== "zero") return;
  const cause =
    (!settings.predictsClear && "predict_x0 false") ||
    (settings.solverType === "bh1" && "solver_type bh1") ||
    (!settings.lowerOrderFinal && settings.solverOrder > 1 && "lower_order_final false");
  if (!cause) return;
  throw new SchedulerError(
    `The scheduler's configuration has ${cause}, which cannot end at sigma zero: set final_sigmas_type to sigma_min.`,
  );
}

/** UniPC (Zhao et al. 2023): a multistep predictor and a corrector of any order, as diffusers has it. */
export class UnipcScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #schedule: NoiseSchedule;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();
  /** What the model predicted at the last steps, newest first. */
  #predictions: Float32Array[] = [];
  /** The (corrected) sample that the last step began with, and the order of that step. */
  #last: { sample: Float32Array; order: number } | undefined;

  /** @throws SchedulerError for a value that diffusers refuses too, and for what only gives infinities there */
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
    const { flow, curve, finalSigma } = this.#settings;
    const follows = { sampler: "unipc", sigmas: flow && !curve };
    const { sigmas } = checkCustom(custom, this.#schedule, follows);
    const plan = flow ? this.#planFlow(steps, sigmas) : this.#plan(steps);
    const ownEnd = flow || curve !== undefined;
    const smallest = (ownEnd ? plan.sigmas[plan.sigmas.length - 1] : trainingSigmas(this.#schedule)[0]) ?? 0;
    this.#timesteps = plan.timesteps;
    this.#sigmas = Float32Array.from([...plan.sigmas, finalSigma === "zero" ? 0 : smallest]);
    this.#predictions = [];
    this.#last = undefined;
  }

  #plan(steps: number): SolverPlan {
    const { spacing, offset, curve } = this.#settings;
    const { trainTimesteps } = this.#schedule;
    const timesteps = spreadSolverTimesteps({ spacing, offset, steps, trainTimesteps });
    return planSolver(this.#schedule, timesteps, curve, { steps, rounded: curve?.name === "karras" });
  }

  #planFlow(steps: number, given: readonly number[] | undefined): SolverPlan {
    const { curve, flowShift, shiftTerminal } = this.#settings;
    const { trainTimesteps } = this.#schedule;
    const withTimesteps = (sigmas: number[]) => ({
      sigmas,
      timesteps: sigmas.map((sigma) => Math.trunc(sigma * trainTimesteps)),
    });
    if (curve) {
      const { sigmas } = planSolver(this.#schedule, [], curve, { steps, rounded: false });
      return withTimesteps(sigmas.map((sigma) => sigma / (sigma + 1)));
    }
    const plain = given ?? linspace(1, 1 / trainTimesteps, steps + 1).slice(0, -1);
    let sigmas = shiftFlow(plain, flowShift);
    if (shiftTerminal) {
      const stretch = (1 - (sigmas[sigmas.length - 1] as number)) / (1 - shiftTerminal);
      sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
    }
    // A first sigma of 1 would have no signal, and no logarithm.
    const nearOne = 1e-6;
    const [first = 0] = sigmas;
    if (Math.abs(first - 1) < nearOne) sigmas[0] = first - nearOne;
    return withTimesteps(sigmas);
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#levelAt(index), original, noise);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const { predictsClear, solverOrder, lowerOrderFinal, withoutCorrector } = this.#settings;
    const conversion = { ...this.#settings, sigma: this.#sigmas[index] as number };
    const prediction = (predictsClear ? clearAt : epsilonAt)(conversion, modelOutput, sample);
    const last = this.#last;
    const corrects = last !== undefined && !withoutCorrector.includes(index - 1);
    const corrected = corrects ? this.#update(index - 1, last, prediction) : sample;

    this.#predictions = [prediction, ...this.#predictions].slice(0, solverOrder);
    const allowed = lowerOrderFinal ? this.#timesteps.length - index : solverOrder;
    this.#last = { sample: corrected, order: Math.min(allowed, this.#predictions.length) };
    return this.#update(index, this.#last);
  }

  /** From the begin of a step to its end; predictions before it are the newest. */
  #update(
    index: number,
    { sample, order }: { sample: Float32Array; order: number },
    atTarget?: Float32Array,
  ): Float32Array {
    const [prediction, ...earlier] = this.#predictions as [Float32Array, ...Float32Array[]];
    return unipcUpdate({
      ...this.#settings,
      target: this.#levelAt(index + 1),
      base: this.#levelAt(index),
      sample,
      prediction,
      earlier: earlier
        .slice(0, order - 1)
        .map((before, k) => ({ level: this.#levelAt(index - 1 - k), prediction: before })),
      ...(atTarget ? { atTarget } : {}),
    });
  }

  #levelAt(index: number) {
    return levelOfSigma(this.#sigmas[index] as number, this.#settings.flow);
  }
}

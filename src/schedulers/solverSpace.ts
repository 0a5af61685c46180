import { refuseThresholding } from "./customSchedule.ts";
import { divide, fround, log, multiply, sqrt, subtract } from "./float32.ts";
import { type NoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import {
  clearSampleAt,
  levelOfAlphaBar,
  type NoiseLevel,
  noiseAt,
  type PredictionType,
  predictionTypes,
} from "./prediction.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";
import {
  interpolate,
  linspace,
  readSigmaCurve,
  type SigmaCurve,
  timestepsOfSigmas,
} from "./sigmaSchedules.ts";
import { readFinalSigma } from "./sigmaSpace.ts";
import { roundHalfEven } from "./timestepSpacing.ts";

// What the multistep solvers share: they keep a noisy sample as α·x₀ + σ·ε with α² + σ² = 1 (with flow sigmas
// α = 1 − σ) and step in λ = ln(α/σ), half the logarithm of the signal-to-noise ratio.

/** Settings that DPM-Solver and UniPC have in common. */
export function readSolverSettings(config: ConfigReader) {
  refuseThresholding(config);
  config.refuse("variance_type", "models that predict the variance too are not known; leave it out");
  const curve = readSigmaCurve(config);
  const flow = config.flag("use_flow_sigmas", false);
  return {
    predictionType: config.choice("prediction_type", "epsilon", [...predictionTypes, "flow_prediction"]),
    solverOrder: config.integer("solver_order", 2, { minimum: 1, maximum: 10 }),
    curve,
    flow,
    flowShift: config.number("flow_shift", 1),
    finalSigma: readFinalSigma(config),
  };
}

/** @throws SchedulerError where a curve of sigmas above 1 is asked for with flow sigmas, which end at 1 */
export function refuseCurvedFlow({ curve, flow }: { curve: SigmaCurve | undefined; flow: boolean }): void {
  if (!flow || !curve) return;
  throw new SchedulerError(
    `The scheduler's configuration has use_flow_sigmas, which does not go with ${curve.name} sigmas: choose one.`,
  );
}

/** The level of a sigma, which is the ratio of noise to signal. */
export function levelOfSigma(sigma: number, flow: boolean): NoiseLevel {
  if (flow) return { alpha: subtract(1, sigma), sigma };
  const alpha = divide(1, sqrt(fround(fround(sigma * sigma) + 1)));
  return { alpha, sigma: multiply(sigma, alpha) };
}

/** λ = ln α − ln σ; infinite for a clear sample. */
export function lambdaOf({ alpha, sigma }: NoiseLevel): number {
  return subtract(log(alpha), log(sigma));
}

/** How many of the noisiest training steps lie below `lambda_min_clipped`. */
export function clippedSteps({ alphasCumprod }: NoiseSchedule, smallestLambda: number): number {
  return alphasCumprod.filter((alphaBar) => lambdaOf(levelOfAlphaBar(alphaBar)) < smallestLambda).length;
}

/** What a solver's conversion of the model's output needs to know of a step. */
interface Conversion {
  predictionType: PredictionType | "flow_prediction";
  flow: boolean;
  /** Of the step, as the schedule has it. */
  sigma: number;
}

/** The clear sample that the model's output amounts to. */
export function clearAt(
  { predictionType, flow, sigma }: Conversion,
  output: Float32Array,
  sample: Float32Array,
): Float32Array {
  if (predictionType === "flow_prediction") {
    return sample.map((value, i) => value - fround(sigma * (output[i] as number)));
  }
  return clearSampleAt(levelOfSigma(sigma, flow), predictionType, output, sample);
}

/** The noise that the model's output amounts to. @throws SchedulerError for flow_prediction */
export function epsilonAt(
  { predictionType, flow, sigma }: Conversion,
  output: Float32Array,
  sample: Float32Array,
): Float32Array {
  if (predictionType === "flow_prediction") throw flowNeedsClear();
  return noiseAt(levelOfSigma(sigma, flow), predictionType, output, sample);
}

/** The error of a solver that predicts noise, told of flow_prediction. */
export function flowNeedsClear(): SchedulerError {
  return new SchedulerError(
    "The scheduler's configuration has prediction_type flow_prediction, which needs a solver that predicts the clear " +
      "sample: algorithm_type dpmsolver++ or predict_x0 true.",
  );
}

/** Sigmas where steps begin, and their timesteps, which such solvers cut to whole ones. */
export interface SolverPlan {
  sigmas: number[];
  timesteps: number[];
}

/**
 * A plan in sigmas: those of whole timesteps, or a curve between the largest and smallest of the training steps.
 * @param rounded whether the curve's timesteps are rounded before they are cut
 */
export function planSolver(
  schedule: NoiseSchedule,
  timesteps: readonly number[],
  curve: Pick<SigmaCurve, "spread"> | undefined,
  { steps, rounded }: { steps: number; rounded: boolean },
): SolverPlan {
  const training = trainingSigmas(schedule);
  if (!curve)
    return { timesteps: [...timesteps], sigmas: timesteps.map((one) => interpolate(training, one)) };
  const sigmas = curve.spread(training[training.length - 1] as number, training[0] as number, steps);
  const fractional = timestepsOfSigmas(sigmas, training);
  return { sigmas, timesteps: fractional.map((one) => Math.trunc(rounded ? roundHalfEven(one) : one)) };
}

/** Sigmas of flow matching, shifted towards noise (Esser et al. 2024, equation 23). */
export function shiftFlow(sigmas: readonly number[], shift: number): number[] {
  return sigmas.map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma));
}

/** DPM-Solver's flow sigmas: evenly spread, without the last, which is 0. */
export function planFlow(steps: number, trainTimesteps: number, shift: number): SolverPlan {
  const plain = linspace(1, 1 / trainTimesteps, steps + 1).map((alpha) => 1 - alpha);
  const sigmas = shiftFlow(plain, shift).reverse().slice(0, -1);
  return { sigmas, timesteps: sigmas.map((sigma) => Math.trunc(sigma * trainTimesteps)) };
}

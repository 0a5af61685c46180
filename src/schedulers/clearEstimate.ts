import { clearSampleAt, type PredictionType, predictionTypes } from "./prediction.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SchedulerValues } from "./schedulerConfig.ts";

const one = Float32Array.of(1);
const zero = Float32Array.of(0);

/** What a model predicts, by its scheduler's configuration; nothing where that is not known here. */
function predictionTypeOf(values: SchedulerValues): PredictionType | undefined {
  const { prediction_type: type = "epsilon" } = values;
  return predictionTypes.find((known) => known === type);
}

/**
 * The clear sample x₀ that a step's prediction amounts to: what the picture would be if the run ended there. How much
 * signal and noise the sample of a step holds, the sampler itself tells, so that one formula serves all of them.
 * @param values the scheduler's configuration
 * @param modelOutput the UNet's prediction at the step, guidance applied
 * @param sample the sample before the step
 * @param index of the call in `timesteps`
 * @returns the sample as it is where the model predicts something else
 */
export function clearEstimate(
  scheduler: Scheduler,
  values: SchedulerValues,
  modelOutput: Float32Array,
  index: number,
  sample: Float32Array,
): Float32Array {
  if (scheduler.clearEstimate) return scheduler.clearEstimate(modelOutput, index, sample);
  const type = predictionTypeOf(values);
  const [signal = 1] = scheduler.addNoise(one, zero, index);
  const [noise = 0] = scheduler.addNoise(zero, one, index);
  if (!type || signal === 0) return sample;
  // x₀ + σ·ε as well as √ᾱ·x₀ + √(1−ᾱ)·ε, brought to unit variance, in which v is defined.
  const scale = Math.hypot(signal, noise);
  const level = { alpha: signal / scale, sigma: noise / scale };
  return clearSampleAt(
    level,
    type,
    modelOutput,
    sample.map((value) => value / scale),
  );
}

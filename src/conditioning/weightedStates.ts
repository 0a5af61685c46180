import { f32, type TensorOf } from "../openvino/tensor.ts";

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Multiplies each position's hidden state by its weight, then the whole by one factor that gives it the mean it had
 * before, as Stable Diffusion WebUI does. Where nothing is weighted, the states are returned as they are.
 * @param states of one chunk, `[1, tokens, width]`
 * @param weights `[tokens]`
 */
export function weighStates(states: TensorOf<"f32">, weights: readonly number[]): TensorOf<"f32"> {
  if (weights.every((weight) => weight === 1)) return states;
  const width = states.data.length / weights.length;
  const weighted = states.data.map((value, at) => value * (weights[Math.floor(at / width)] ?? 1));
  const factor = mean(states.data) / mean(weighted);
  // Weights of 0 throughout leave nothing whose mean could be restored.
  if (!Number.isFinite(factor)) return f32(states.shape, weighted);
  return f32(
    states.shape,
    weighted.map((value) => value * factor),
  );
}

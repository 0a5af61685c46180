import { held, keepPrecisionMark } from "../graph/constantNode.ts";
import type { Value } from "../graph/operations.ts";
import type { Layers } from "./layers.ts";

/** How a number becomes waves of `width` values, half of them sines, half cosines. */
export interface Waves {
  readonly width: number;
  readonly cosineFirst: boolean;
  readonly shift: number;
}

/** The longest wavelength is 2π times this. */
const longestPeriod = 10_000;

/**
 * The frequencies exp(−ln(10000) · i / (n − shift)), rounded to float32 after each step, as torch does
 * (`get_timestep_embedding` in diffusers' `embeddings.py`).
 */
export function waveFrequencies(count: number, shift: number): Float32Array {
  const factor = Math.fround(-Math.log(longestPeriod));
  return Float32Array.from({ length: count }, (_, index) =>
    Math.exp(Math.fround(Math.fround(factor * index) / Math.fround(count - shift))),
  );
}

/**
 * Sinusoidal embedding of numbers.
 * @param x f32 `[…, 1]`
 * @returns `[…, width]`
 */
export function sinusoids(
  layers: Layers,
  x: Value,
  { width, cosineFirst, shift }: Waves,
  name: string,
): Value {
  const { graph } = layers;
  const count = width / 2;
  // In float16 the phases of large timesteps would be lost.
  const data = held(waveFrequencies(count, shift));
  const frequencies = graph.constant("f32", [1, count], data, `${name}/frequencies`, keepPrecisionMark);
  const phases = graph.add("Multiply", [x, frequencies], {}, `${name}/phases`);
  const sine = graph.add("Sin", [phases], {}, `${name}/sine`);
  const cosine = graph.add("Cos", [phases], {}, `${name}/cosine`);
  return graph.add("Concat", cosineFirst ? [cosine, sine] : [sine, cosine], { axis: -1 }, name);
}

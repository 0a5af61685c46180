import { betaQuantile } from "./betaDistribution.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";

/** NumPy's `linspace`: `count` numbers from `start` to `end`. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? end : start + i * step));
}

/** Sigmas of Karras et al. 2022 (equation 5), falling from `largest` to `smallest`. */
export function karrasSigmas(largest: number, smallest: number, steps: number, rho = 7): number[] {
  const low = smallest ** (1 / rho);
  const high = largest ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (high + ramp * (low - high)) ** rho);
}

/** Sigmas that fall by a constant factor. */
export function exponentialSigmas(largest: number, smallest: number, steps: number): number[] {
  return linspace(Math.log(largest), Math.log(smallest), steps).map(Math.exp);
}

/** Sigmas spread as a beta distribution: densest near both ends (Lee et al. 2024). */
export function betaSigmas(largest: number, smallest: number, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => smallest + betaQuantile(1 - ramp) * (largest - smallest));
}

const curves = { karras: karrasSigmas, exponential: exponentialSigmas, beta: betaSigmas } as const;

/** A way to spread sigmas between the largest and the smallest. */
export type CurveName = keyof typeof curves;

/** The key of a configuration that asks for a curve. */
export const curveKeys = {
  karras: "use_karras_sigmas",
  exponential: "use_exponential_sigmas",
  beta: "use_beta_sigmas",
} as const satisfies Record<CurveName, string>;

/** A curve as a configuration asks for it. */
export interface SigmaCurve {
  name: CurveName;
  /** Sigmas of the curve. @param first and @param last ends of the plain sigmas, where the configuration has none */
  spread(first: number, last: number, steps: number): number[];
}

/**
 * The curve that a configuration asks for, if any. Its `sigma_min` and `sigma_max` count even where they were left by
 * another class.
 * @param boundless curves that ignore them
 * @throws SchedulerError when there is more than one, or its ends are not possible
 */
export function readSigmaCurve(
  config: ConfigReader,
  boundless: readonly CurveName[] = [],
): SigmaCurve | undefined {
  const names = Object.keys(curves) as CurveName[];
  const chosen = names.filter((name) => config.flag(curveKeys[name], false));
  const [name] = chosen;
  if (!name) return undefined;
  if (chosen.length > 1) {
    const keys = chosen.map((one) => curveKeys[one]).join(" and ");
    throw new SchedulerError(`The scheduler's configuration has both ${keys}: choose one.`);
  }
  const bounded = !boundless.includes(name);
  const smallest = bounded ? config.optionalNumber("sigma_min") : undefined;
  const largest = bounded ? config.optionalNumber("sigma_max") : undefined;
  for (const [key, value] of [
    ["sigma_min", smallest],
    ["sigma_max", largest],
  ] as const) {
    if (value !== undefined && !(value > 0)) {
      throw new SchedulerError(`The scheduler's configuration has ${key} ${value}: it takes more than 0.`);
    }
  }
  return {
    name,
    spread: (first, last, steps) => curves[name](largest ?? first, smallest ?? last, steps),
  };
}

/**
 * Linear interpolation as NumPy's `interp` has it, of a table over 0, 1, 2, …; beyond its ends the end's value.
 */
export function interpolate(table: ArrayLike<number>, position: number): number {
  const last = table.length - 1;
  if (position <= 0) return table[0] as number;
  if (position >= last) return table[last] as number;
  const below = Math.floor(position);
  const low = table[below] as number;
  const high = table[below + 1] as number;
  return low + (high - low) * (position - below);
}

/**
 * The (fractional) training timesteps of sigmas, interpolated between the logarithms of the training sigmas.
 * @param training sigma of each training step, rising
 */
export function timestepsOfSigmas(sigmas: readonly number[], training: Float32Array): number[] {
  const logs = training.map(Math.log);
  return sigmas.map((sigma) => {
    const log = Math.log(Math.max(sigma, 1e-10));
    let below = 0;
    while (below < logs.length - 2 && (logs[below + 1] as number) <= log) below += 1;
    const low = logs[below] as number;
    const high = logs[below + 1] as number;
    const weight = Math.min(1, Math.max(0, (low - log) / (low - high)));
    return (1 - weight) * below + weight * (below + 1);
  });
}

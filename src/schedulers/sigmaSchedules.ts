/** NumPy's `linspace`: `count` numbers from `start` to `end`. */
function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i === count - 1 && count > 1 ? end : start + i * step));
}

/** Sigmas of Karras et al. 2022 (equation 5, ρ = 7), falling from `largest` to `smallest`. */
export function karrasSigmas(largest: number, smallest: number, steps: number): number[] {
  const rho = 7;
  const low = smallest ** (1 / rho);
  const high = largest ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (high + ramp * (low - high)) ** rho);
}

/** Sigmas that fall by a constant factor. */
export function exponentialSigmas(largest: number, smallest: number, steps: number): number[] {
  return linspace(Math.log(largest), Math.log(smallest), steps).map(Math.exp);
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
 * The (fractional) training timestep of a sigma, interpolated between the logarithms of the training sigmas.
 * @param logSigmas of each training step, rising
 */
export function timestepOfSigma(sigma: number, logSigmas: ArrayLike<number>): number {
  const log = Math.log(Math.max(sigma, 1e-10));
  let below = 0;
  while (below < logSigmas.length - 2 && (logSigmas[below + 1] as number) <= log) below += 1;
  const low = logSigmas[below] as number;
  const high = logSigmas[below + 1] as number;
  const weight = Math.min(1, Math.max(0, (low - log) / (low - high)));
  return (1 - weight) * below + weight * (below + 1);
}

/** Both shape parameters of the distribution that beta sigmas are drawn from (Lee et al. 2024). */
const shape = 0.6;

/**
 * ∫₀ˣ (t(1−t))^(shape−1) dt for 0 <= x <= ½, by its power series (Abramowitz and Stegun 26.5.4): there each term is
 * under half of the one before.
 * @param power x^shape
 */
function incompleteBeta(x: number, power: number): number {
  let term = 1;
  let sum = 1 / shape;
  for (let n = 1; n <= 60; n++) {
    term *= (x * (n - shape)) / n;
    sum += term / (shape + n);
  }
  return power * sum;
}

/** The complete integral: twice the half, since the distribution is symmetric. */
const complete = 2 * incompleteBeta(0.5, 0.5 ** shape);

/**
 * Quantile of the beta distribution with both shapes 0.6, to 1e-13.
 * @param probability from 0 to 1
 */
export function betaQuantile(probability: number): number {
  if (probability > 0.5) return 1 - betaQuantile(1 - probability);
  const target = probability * complete;
  // In x^shape the integral is almost a straight line, so Newton's method converges in a few steps.
  let power = target * shape;
  for (let iteration = 0; iteration < 20; iteration++) {
    const x = Math.min(power ** (1 / shape), 0.5);
    const slope = (1 - x) ** (shape - 1) / shape;
    const change = (incompleteBeta(x, x ** shape) - target) / slope;
    power = x ** shape - change;
    if (Math.abs(change) <= 1e-16 * power) break;
  }
  return power ** (1 / shape);
}

import { combine, divide, expm1, fround, multiply, subtract, type Term } from "./float32.ts";
import { solveLinear } from "./linearSolve.ts";
import type { NoiseLevel } from "./prediction.ts";
import { lambdaOf } from "./solverSpace.ts";

/** One update of UniPC from a base to a target. */
export interface UnipcStep {
  /** bh1: B(h) = h; bh2: B(h) = e^h − 1. */
  solverType: "bh1" | "bh2";
  /** Whether predictions are of the clear sample, not of the noise. */
  predictsClear: boolean;
  target: NoiseLevel;
  base: NoiseLevel;
  sample: Float32Array;
  /** What the model predicted at the base. */
  prediction: Float32Array;
  /** Predictions at earlier steps, newest first; their number is the order less one. */
  earlier: readonly { level: NoiseLevel; prediction: Float32Array }[];
  /** The prediction at the target, which makes the update a correction. */
  atTarget?: Float32Array;
}

/** Weights of the differences to earlier predictions and, for a correction, of the one at the target (last). */
function differenceWeights(ratios: readonly number[], right: readonly number[], corrects: boolean): number[] {
  const unknowns = ratios.length + (corrects ? 1 : 0);
  if (unknowns === 0) return [];
  if (unknowns === 1) return [0.5];
  const nodes = [...ratios, 1].slice(0, unknowns);
  const rows = right.slice(0, unknowns).map((_, power) => nodes.map((node) => fround(node ** power)));
  return solveLinear(rows, right.slice(0, unknowns));
}

/** The sample at the target (Zhao et al. 2023, equations 3 and 9 in the B(h) form). */
export function unipcUpdate(step: UnipcStep): Float32Array {
  const { target, base, predictsClear, prediction } = step;
  const baseLambda = lambdaOf(base);
  const h = subtract(lambdaOf(target), baseLambda);
  const signed = predictsClear ? -h : h;
  const growth = expm1(signed);
  const divisor = step.solverType === "bh1" ? signed : growth;

  const ratios = step.earlier.map(({ level }) => divide(subtract(lambdaOf(level), baseLambda), h));
  const right: number[] = [];
  let phi = subtract(divide(growth, signed), 1);
  let factorial = 1;
  for (let i = 1; i <= step.earlier.length + 1; i++) {
    right.push(divide(multiply(phi, factorial), divisor));
    factorial *= i + 1;
    phi = subtract(divide(phi, signed), fround(1 / factorial));
  }

  const differences: Float32Array[] = step.earlier.map(({ prediction: before }, k) =>
    before.map((value, i) => fround(value - (prediction[i] as number)) / (ratios[k] as number)),
  );
  const { atTarget } = step;
  if (atTarget) differences.push(atTarget.map((value, i) => value - (prediction[i] as number)));
  const weights = differenceWeights(ratios, right, atTarget !== undefined);

  const scale = predictsClear ? target.alpha : target.sigma;
  const kept = predictsClear ? divide(target.sigma, base.sigma) : divide(target.alpha, base.alpha);
  const moved = combine([kept, step.sample], [-multiply(scale, growth), prediction]);
  const terms = differences.map((values, k): Term => [weights[k] as number, values]);
  const [first, ...others] = terms;
  if (!first) return moved;
  const change = combine(first, ...others);
  const factor = multiply(scale, divisor);
  return moved.map((value, i) => value - fround(factor * (change[i] as number)));
}

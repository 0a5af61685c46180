import { add, combine, divide, exp, multiply, sqrt, subtract, type Term } from "./float32.ts";
import type { NoiseLevel } from "./prediction.ts";

/** DPM-Solver (Lu et al. 2022a), DPM-Solver++ (2022b) and the stochastic forms of both. */
export const dpmAlgorithms = ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++"] as const;
export type DpmAlgorithm = (typeof dpmAlgorithms)[number];

/** Whether an algorithm predicts the clear sample, not the noise. */
export function predictsClear(algorithm: DpmAlgorithm): boolean {
  return algorithm === "dpmsolver++" || algorithm === "sde-dpmsolver++";
}

/** Whether an algorithm draws noise at every step. */
export function drawsNoise(algorithm: DpmAlgorithm): boolean {
  return algorithm === "sde-dpmsolver" || algorithm === "sde-dpmsolver++";
}

/** Coefficients of one step over a width h in λ; derivatives are with respect to λ, at the step's base. */
interface Weights {
  sample: number;
  prediction: number;
  /** Of the first derivative, where it is assumed in the middle of the step. */
  midpoint: number;
  /** Of the first derivative, integrated. */
  first: number;
  second: number;
  /** 0 for algorithms that draw none. */
  noise: number;
}

function weigh(algorithm: DpmAlgorithm, target: NoiseLevel, base: NoiseLevel, h: number): Weights {
  switch (algorithm) {
    case "dpmsolver++": {
      const decay = subtract(exp(-h), 1);
      const { alpha } = target;
      return {
        sample: divide(target.sigma, base.sigma),
        prediction: -multiply(alpha, decay),
        midpoint: -multiply(0.5, multiply(alpha, decay)),
        first: multiply(alpha, add(divide(decay, h), 1)),
        second: -multiply(alpha, subtract(divide(add(decay, h), multiply(h, h)), 0.5)),
        noise: 0,
      };
    }
    case "dpmsolver": {
      const growth = subtract(exp(h), 1);
      const { sigma } = target;
      return {
        sample: divide(target.alpha, base.alpha),
        prediction: -multiply(sigma, growth),
        midpoint: -multiply(0.5, multiply(sigma, growth)),
        first: -multiply(sigma, subtract(divide(growth, h), 1)),
        second: -multiply(sigma, subtract(divide(subtract(growth, h), multiply(h, h)), 0.5)),
        noise: 0,
      };
    }
    case "sde-dpmsolver++": {
      const twice = multiply(2, h);
      const decay = subtract(1, exp(-twice));
      const { alpha } = target;
      return {
        sample: multiply(divide(target.sigma, base.sigma), exp(-h)),
        prediction: multiply(alpha, decay),
        midpoint: multiply(0.5, multiply(alpha, decay)),
        first: multiply(alpha, add(divide(decay, -twice), 1)),
        second: multiply(alpha, subtract(divide(subtract(decay, twice), multiply(twice, twice)), 0.5)),
        noise: multiply(target.sigma, sqrt(decay)),
      };
    }
    case "sde-dpmsolver": {
      const growth = subtract(exp(h), 1);
      const { sigma } = target;
      return {
        sample: divide(target.alpha, base.alpha),
        prediction: -multiply(2, multiply(sigma, growth)),
        midpoint: -multiply(sigma, growth),
        first: -multiply(2, multiply(sigma, subtract(divide(growth, h), 1))),
        second: 0,
        noise: multiply(sigma, sqrt(subtract(exp(multiply(2, h)), 1))),
      };
    }
  }
}

/** One step of any order: from the sample at a base to a target. */
export interface DpmStep {
  algorithm: DpmAlgorithm;
  target: NoiseLevel;
  base: NoiseLevel;
  /** Width of the step in λ. */
  h: number;
  sample: Float32Array;
  /** What the model predicted at the base: the clear sample or the noise, as the algorithm takes it. */
  prediction: Float32Array;
  /** First derivative, and how it is weighed. */
  first?: { values: Float32Array; rule: "midpoint" | "integrated" };
  /** Second derivative. */
  second?: Float32Array;
  /** Standard normal noise, for algorithms that draw it. */
  noise: Float32Array | undefined;
}

/** The sample at the target. */
export function dpmUpdate(step: DpmStep): Float32Array {
  const weights = weigh(step.algorithm, step.target, step.base, step.h);
  const terms: Term[] = [[weights.prediction, step.prediction]];
  if (step.first) {
    const weight = step.first.rule === "midpoint" ? weights.midpoint : weights.first;
    terms.push([weight, step.first.values]);
  }
  if (step.second) terms.push([weights.second, step.second]);
  if (step.noise) terms.push([weights.noise, step.noise]);
  return combine([weights.sample, step.sample], ...terms);
}

/** (a − b) scaled, as derivatives are estimated. */
export function scaledDifference(scale: number, a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => scale * subtract(value, b[i] as number));
}

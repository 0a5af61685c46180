import { fma32 } from "./fusedMultiplyAdd.ts";

// The single-precision logarithm, sine and cosine of the Cephes library (S. Moshier) in the order of operations that
// torch's AVX2 kernel runs them (avx_mathfun), fused multiply-adds included: bit for bit what torch computes.

const { fround } = Math;
const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

const squareRootOfHalf = fround(Math.SQRT1_2);
const logPolynomial = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(fround);
const logOfTwoLow = fround(-2.1219444e-4);
const logOfTwoHigh = fround(0.693359375);

/** Natural logarithm. @param value float32, 2⁻²⁴ to 1 */
export function log32(value: number): number {
  word[0] = value;
  const pattern = bits[0] as number;
  let exponent = (pattern >>> 23) - 126;
  bits[0] = (pattern & 0x007fffff) | 0x3f000000;
  let x = word[0] as number;
  if (x < squareRootOfHalf) {
    exponent -= 1;
    x = fround(fround(x - 1) + x);
  } else {
    x = fround(x - 1);
  }
  const z = fround(x * x);
  let y = logPolynomial[0] as number;
  for (let i = 1; i < logPolynomial.length; i++) y = fma32(y, x, logPolynomial[i] as number);
  y = fround(y * x);
  y = fma32(y, z, fround(exponent * logOfTwoLow));
  y = fma32(-z, 0.5, y);
  return fma32(exponent, logOfTwoHigh, fround(x + y));
}

const fourOverPi = fround(1.27323954473516);
const quarterPi = [-0.78515625, -2.418756484985352e-4, -3.774894977445941e-8].map(fround);
const sinePolynomial = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(fround);
const cosinePolynomial = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(fround);

function horner([highest = 0, ...rest]: readonly number[], x: number): number {
  return rest.reduce((sum, coefficient) => fma32(sum, x, coefficient), highest);
}

/** Sine and cosine. @param angle float32 in radians, 0 to 2π */
export function sinCos32(angle: number): { sin: number; cos: number } {
  // The nearest even number of eighths of a turn is taken off; what is left is within ±π/4.
  const octant = (Math.trunc(fround(angle * fourOverPi)) + 1) & ~1;
  const x = quarterPi.reduce((rest, part) => fma32(octant, part, rest), angle);
  const z = fround(x * x);
  const cosine = fround(fma32(fround(horner(cosinePolynomial, z) * z), z, fround(z * -0.5)) + 1);
  const sine = fma32(fround(horner(sinePolynomial, z) * z), x, x);
  const [sin, cos] = (octant & 2) === 0 ? [sine, cosine] : [cosine, sine];
  return { sin: octant & 4 ? -sin : sin, cos: (octant - 2) & 4 ? cos : -cos };
}

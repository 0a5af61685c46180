/**
 * Arithmetic in float32: every result is rounded, as torch rounds that of each operation on a tensor. (Products, sums,
 * quotients and roots of float32 numbers are exact to the last bit this way.)
 */
export const { fround } = Math;
export const add = (a: number, b: number): number => fround(a + b);
export const subtract = (a: number, b: number): number => fround(a - b);
export const multiply = (a: number, b: number): number => fround(a * b);
export const divide = (a: number, b: number): number => fround(a / b);
export const sqrt = (value: number): number => fround(Math.sqrt(value));
export const log = (value: number): number => fround(Math.log(value));
export const exp = (value: number): number => fround(Math.exp(value));
export const expm1 = (value: number): number => fround(Math.expm1(value));

/** A float32 coefficient and the values that it scales. */
export type Term = readonly [coefficient: number, values: Float32Array];

/** c₀·x₀ + c₁·x₁ + …, summed from the left. */
export function combine(first: Term, ...others: readonly Term[]): Float32Array {
  const [scale, values] = first;
  const sum = values.map((value) => scale * value);
  for (const [coefficient, more] of others) {
    for (let i = 0; i < sum.length; i++)
      sum[i] = (sum[i] as number) + fround(coefficient * (more[i] as number));
  }
  return sum;
}

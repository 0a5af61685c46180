const word = new Float64Array(1);
const bits = new Uint32Array(word.buffer);
const lowWord = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;

/** What a double has beyond a float: 29 bits. They read 1000… where the double lies midway between two floats. */
const beyondFloat = 0x1fffffff;
const midway = 0x10000000;

/**
 * `a·b + c` rounded once to float32, as a processor's fused multiply-add does.
 *
 * The product of two floats is exact in a double. The sum may round, and rounding again to a float would be wrong in
 * one case only: where the rounded sum lies midway between two floats and the true sum does not. There the error of
 * the sum (Knuth's two-sum) decides.
 * @param a float32
 * @param b float32
 * @param c float32
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  word[0] = sum;
  if (((bits[lowWord] as number) & beyondFloat) !== midway) return Math.fround(sum);
  const added = sum - product;
  const error = product - (sum - added) + (c - added);
  if (error === 0) return Math.fround(sum);
  return Math.fround(sum + Math.sign(error) * Math.abs(sum) * 2 ** -52);
}

/** The largest finite half: values beyond it, infinities too, become it instead of infinity. */
export const largestHalf = 65504;

let halfTable: Float32Array | undefined;

/** The 65,536 values of IEEE 754 binary16 by bit pattern: one look-up is faster than taking the bits apart. */
function halfValues(): Float32Array {
  if (halfTable) return halfTable;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) table[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  halfTable = table;
  return table;
}

/**
 * Rounds float32 to IEEE 754 binary16, to nearest, ties to even. What a half cannot hold is clamped to ±65504, since
 * one infinite weight makes a whole image black; NaN stays NaN.
 * @param target as many halves as `values`
 */
export function toHalf(values: Float32Array, target: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const all = bits[i];
    const magnitude = all & 0x7fffffff;
    let half: number;
    if (magnitude >= 0x38800000) {
      // Normal in half: the exponent moves by 112, the 13 low bits of the fraction are rounded off.
      if (magnitude > 0x477fe000) half = magnitude > 0x7f800000 ? 0x7e00 : 0x7bff;
      else half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    } else {
      // Subnormal in half, a multiple of 2^-24: the float32 in [0.5, 1) are such multiples, so adding 0.5 rounds.
      half = (Math.fround(Math.abs(values[i]) + 0.5) - 0.5) * 16777216;
    }
    target[i] = ((all >>> 16) & 0x8000) | half;
  }
}

/** The float32 values of IEEE 754 binary16, exact. */
export function fromHalf(halves: Uint16Array, target: Float32Array): void {
  const table = halfValues();
  for (let i = 0; i < halves.length; i++) target[i] = table[halves[i]];
}

/** Rounds float32 to bfloat16, to nearest, ties to even; NaN stays NaN. */
export function toBfloat16(values: Float32Array, target: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const all = bits[i];
    const notANumber = (all & 0x7fffffff) > 0x7f800000;
    target[i] = notANumber ? 0x7fc0 : (all + 0x7fff + ((all >>> 16) & 1)) >>> 16;
  }
}

/** The float32 values of bfloat16, exact: bfloat16 is the upper half of a float32. */
export function fromBfloat16(halves: Uint16Array, target: Float32Array): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
}

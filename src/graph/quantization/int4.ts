import { flooredScale } from "./int8.ts";

/**
 * Quantizes groups to signed 4 bits as NNCF's INT4_SYM does: per group, the side that reaches further from zero
 * becomes −8: scale = |min w| / 8 where |min w| >= max w, else −max w / 8; q = round(w / scale), halves to even,
 * clamped to −8 … 7. In float32.
 * @param values `[groups, groupSize]`, an even number of values
 * @param packed two values a byte, the first in the low nibble; filled
 * @param scales `[groups]` in float32, filled; NNCF stores it as float16 but divides by this one
 */
export function quantizeInt4Groups(
  values: Float32Array,
  groupSize: number,
  packed: Uint8Array,
  scales: Float32Array,
): void {
  const shifted = new Uint8ClampedArray(groupSize * 2);
  const groups = scales.length;
  // Two groups at a time come out at whole bytes even where the group's size is odd.
  for (let first = 0; first < groups; first += 2) {
    const pair = Math.min(2, groups - first);
    for (let group = 0; group < pair; group++) {
      const start = (first + group) * groupSize;
      scales[first + group] = quantizeGroup(values, start, groupSize, shifted, group * groupSize);
    }
    const byte = (first * groupSize) / 2;
    for (let i = 0; i < pair * groupSize; i += 2) {
      // 0 … 15 stands for −8 … 7: flipping the highest bit gives two's complement.
      packed[byte + i / 2] = (shifted[i] ^ 8) | ((shifted[i + 1] ^ 8) << 4);
    }
  }
}

/** Fills `shifted` from `to` on with 0 … 15 for −8 … 7. @returns the scale */
function quantizeGroup(
  values: Float32Array,
  start: number,
  count: number,
  shifted: Uint8ClampedArray,
  to: number,
): number {
  let low = values[start];
  let high = low;
  for (let i = start + 1; i < start + count; i++) {
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const lowSize = Math.abs(low);
  const scale = flooredScale(Math.fround((lowSize >= high ? lowSize : -high) / 8));
  for (let i = 0; i < count; i++) {
    // Adding the even 8 leaves halves halves: rounding to even afterwards is rounding before.
    const value = Math.fround(values[start + i] / scale) + 8;
    shifted[to + i] = value > 15 ? 15 : value;
  }
  return scale;
}

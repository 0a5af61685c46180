/** float32's machine epsilon: NNCF's floor for scales. */
export const epsilon = 2 ** -23;

/** A scale that can be divided by. */
export function flooredScale(scale: number): number {
  return Math.abs(scale) < epsilon ? epsilon : scale;
}

/** Rounds half to even; for |value| < 2^51. */
function roundHalfEven(value: number): number {
  const shift = value < 0 ? -(2 ** 52) : 2 ** 52;
  return value + shift - shift;
}

/**
 * Quantizes whole rows to unsigned 8 bits as NNCF's INT8_ASYM does: per row, lo = min(0, min w), hi = max(0, max w),
 * scale = (hi − lo) / 255, zero point = −round(lo / scale), q = round(w / scale + zero point), all in float32, halves
 * to even, clamped to 0 … 255.
 * @param values `[rows, columns]`
 * @param quantized `[rows, columns]`, filled
 * @param scales `[rows]` in float32, filled; NNCF stores it as float16 but divides by this one
 * @param zeroPoints `[rows]`, filled
 */
export function quantizeInt8Rows(
  values: Float32Array,
  columns: number,
  quantized: Uint8Array,
  scales: Float32Array,
  zeroPoints: Uint8Array,
): void {
  // Uint8ClampedArray rounds half to even and clamps by itself.
  const clamped = new Uint8ClampedArray(quantized.buffer, quantized.byteOffset, quantized.byteLength);
  const rows = scales.length;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const end = start + columns;
    let low = 0;
    let high = 0;
    for (let i = start; i < end; i++) {
      const value = values[i];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const scale = flooredScale(Math.fround(Math.fround(high - low) / 255));
    const zeroPoint = Math.min(255, Math.max(0, -roundHalfEven(Math.fround(low / scale))));
    for (let i = start; i < end; i++) {
      clamped[i] = Math.fround(Math.fround(values[i] / scale) + zeroPoint);
    }
    scales[row] = scale;
    zeroPoints[row] = zeroPoint;
  }
}

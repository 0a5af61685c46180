/**
 * Classifier-free guidance (Ho and Salimans 2022): `negative + scale · (positive − negative)`, in float32.
 * @param scale guidance scale, above 1
 */
export function guide(negative: Float32Array, positive: Float32Array, scale: number): Float32Array {
  const guided = new Float32Array(positive.length);
  const f32Scale = Math.fround(scale);
  for (let i = 0; i < guided.length; i++) {
    const from = negative[i] as number;
    guided[i] = from + Math.fround(f32Scale * Math.fround((positive[i] as number) - from));
  }
  return guided;
}

/** Another noise that is mixed into an image's own. */
export interface Variation {
  seed: number;
  /** 0 keeps the image's own noise, 1 takes the other. */
  strength: number;
}

/** Above this mean cosine two noises count as one direction, and are mixed on a straight line. */
const parallel = 0.9995;

/**
 * Noise between two noises, for variations of a picture: 0 gives the first, 1 the second, and what lies between is as
 * strong as either, which on a straight line it is not. As AUTOMATIC1111's `slerp` has it, so that its pictures come
 * out again: each column of each channel turns by itself, `sin((1−s)·ω)/sin ω · a + sin(s·ω)/sin ω · b`, ω being the
 * angle between the columns.
 * @param shape `[1, channels, height, width]` of both
 * @param strength 0 to 1
 */
export function variedNoise(
  first: Float32Array,
  second: Float32Array,
  shape: readonly number[],
  strength: number,
): Float32Array {
  const [batch = 1, channels = 0, height = 0, width = 0] = shape;
  const columns = batch * channels * width;
  const start = (column: number) => Math.floor(column / width) * height * width + (column % width);
  const cosines = Float64Array.from({ length: columns }, (_, column) =>
    cosine(first, second, start(column), width, height),
  );
  const straight = cosines.reduce((sum, value) => sum + value, 0) / columns > parallel;
  const noise = new Float32Array(first.length);
  for (let column = 0; column < columns; column++) {
    const angle = Math.acos(Math.min(1, Math.max(-1, cosines[column] as number)));
    // A column may be parallel by chance where the rest is not.
    const linear = straight || Math.sin(angle) === 0;
    const a = linear ? 1 - strength : Math.sin((1 - strength) * angle) / Math.sin(angle);
    const b = linear ? strength : Math.sin(strength * angle) / Math.sin(angle);
    for (let row = 0; row < height; row++) {
      const i = start(column) + row * width;
      noise[i] = a * (first[i] as number) + b * (second[i] as number);
    }
  }
  return noise;
}

function cosine(a: Float32Array, b: Float32Array, start: number, step: number, count: number): number {
  let [product, squareOfA, squareOfB] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    const [valueOfA, valueOfB] = [a[start + k * step] as number, b[start + k * step] as number];
    product += valueOfA * valueOfB;
    squareOfA += valueOfA * valueOfA;
    squareOfB += valueOfB * valueOfB;
  }
  return product / Math.sqrt(squareOfA * squareOfB);
}

/** Mean and variance of each group of a norm, `[groups, 2]`, over tiles of different sizes. */
export class PooledMoments {
  readonly #sums: Float64Array;
  #weight = 0;

  constructor(groups: number) {
    this.#sums = new Float64Array(groups * 2);
  }

  /** Adds the moments of one tile. @param weight how many values it has, in any unit */
  add(moments: Float32Array, weight: number): void {
    for (let at = 0; at < this.#sums.length; at += 2) {
      const mean = moments[at] as number;
      this.#sums[at] = (this.#sums[at] as number) + weight * mean;
      this.#sums[at + 1] =
        (this.#sums[at + 1] as number) + weight * ((moments[at + 1] as number) + mean * mean);
    }
    this.#weight += weight;
  }

  /** The moments of all that was added. */
  result(): Float32Array {
    const moments = new Float32Array(this.#sums.length);
    for (let at = 0; at < moments.length; at += 2) {
      const mean = (this.#sums[at] as number) / this.#weight;
      moments[at] = mean;
      moments[at + 1] = Math.max(0, (this.#sums[at + 1] as number) / this.#weight - mean * mean);
    }
    return moments;
  }
}

/** How far moments moved, in standard deviations: the largest change of a mean, or half that of a variance. */
export function momentsChange(before: Float32Array, after: Float32Array): number {
  let largest = 0;
  for (let at = 0; at < after.length; at += 2) {
    const variance = (after[at + 1] as number) + 1e-12;
    const mean = Math.abs((after[at] as number) - (before[at] as number)) / Math.sqrt(variance);
    const spread = Math.abs((after[at + 1] as number) - (before[at + 1] as number)) / variance / 2;
    largest = Math.max(largest, mean, spread);
  }
  return largest;
}

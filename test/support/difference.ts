/** max|Δ| / max|reference|: what "relative" means in Limner's promises. NaN where any value is NaN. */
export function relativeDifference(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (actual.length !== reference.length)
    throw new Error(`${actual.length} values instead of ${reference.length}`);
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < reference.length; i++) {
    const distance = Math.abs(Number(actual[i]) - Number(reference[i]));
    if (Number.isNaN(distance)) return Number.NaN;
    difference = Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(Number(reference[i])));
  }
  return difference / largest;
}

/** max|Δ|. */
export function largestDifference(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (actual.length !== reference.length)
    throw new Error(`${actual.length} values instead of ${reference.length}`);
  let difference = 0;
  for (let i = 0; i < reference.length; i++) {
    const distance = Math.abs(Number(actual[i]) - Number(reference[i]));
    if (Number.isNaN(distance)) return Number.NaN;
    difference = Math.max(difference, distance);
  }
  return difference;
}

/** The larger of two; a number that is none wins. */
export function worst(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b);
}

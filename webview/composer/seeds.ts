/** A new seed, short enough to type again: below 2^32. */
export function randomSeed(): string {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(value);
}

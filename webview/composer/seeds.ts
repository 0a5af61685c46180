/** Random seeds are kept short enough to type again. */
const seedLimit = 2 ** 32;

/** A new seed. */
export function randomSeed(): string {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(value % seedLimit);
}

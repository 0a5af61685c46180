const stateSize = 624;
const middle = 397;

/**
 * MT19937 (Matsumoto and Nishimura 1998), seeded as torch's CPU generator seeds it: with the low 32 bits of the seed.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(stateSize);
  #position = stateSize;

  /** @param seed a whole number from 0 to 2⁵³ − 1 */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed % 2 ** 32;
    for (let i = 1; i < stateSize; i++) {
      const previous = state[i - 1] as number;
      state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next number, 0 to 2³² − 1. */
  next(): number {
    if (this.#position === stateSize) this.#twist();
    let value = this.#state[this.#position++] as number;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    value ^= value >>> 18;
    return value >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < stateSize; i++) {
      const following = state[(i + 1) % stateSize] as number;
      const mixed = ((state[i] as number) & 0x80000000) | (following & 0x7fffffff);
      const far = state[(i + middle) % stateSize] as number;
      state[i] = far ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}

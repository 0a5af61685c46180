import { MersenneTwister } from "./mersenneTwister.ts";
import { log32, sinCos32 } from "./vectorMath.ts";

const { fround } = Math;
const twoPi = fround(2 * Math.PI);

/** Values that torch's vector kernel transforms together. */
const block = 16;

/**
 * Normal values from uniform ones by Box and Muller (1958), in place: the first eight of a block give the radii, the
 * other eight the angles.
 */
function transformBlock(values: Float32Array, start: number): void {
  for (let i = start; i < start + block / 2; i++) {
    const radius = fround(Math.sqrt(fround(-2 * log32(fround(1 - (values[i] as number))))));
    const { sin, cos } = sinCos32(fround(twoPi * (values[i + block / 2] as number)));
    // Adding the mean, zero, makes a zero positive.
    values[i] = radius * cos + 0;
    values[i + block / 2] = radius * sin + 0;
  }
}

/**
 * torch's CPU generator: `torch.Generator().manual_seed(seed)`. The numbers that `randn` draws equal those of
 * `torch.randn(…, generator=…, dtype=torch.float32)` bit for bit, call after call (as torch computes them on
 * processors with AVX2).
 */
export class TorchGenerator {
  readonly #engine: MersenneTwister;
  /** The second value of the last pair, where values were drawn one by one. */
  #spare: number | undefined;

  /** @param seed a whole number from 0 to 2⁵³ − 1, of which torch uses the low 32 bits */
  constructor(seed: number) {
    this.#engine = new MersenneTwister(seed);
  }

  /** Standard normal values. @param count how many */
  randn(count: number): Float32Array {
    const values = new Float32Array(count);
    if (count < block) {
      for (let i = 0; i < count; i++) values[i] = this.#normal();
      return values;
    }
    this.#fillUniform(values, 0);
    for (let start = 0; start + block <= count; start += block) transformBlock(values, start);
    if (count % block !== 0) {
      // The last sixteen are drawn anew, over some that were transformed already.
      this.#fillUniform(values, count - block);
      transformBlock(values, count - block);
    }
    return values;
  }

  #fillUniform(values: Float32Array, start: number): void {
    for (let i = start; i < values.length; i++) values[i] = (this.#engine.next() & 0xffffff) / 2 ** 24;
  }

  /** Uniform in [0, 1) with 53 bits: the high word is drawn first. */
  #uniform(): number {
    const high = this.#engine.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#engine.next()) / 2 ** 53;
  }

  /** One normal value, in double precision; every second one comes from the pair before. */
  #normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const angle = 2 * Math.PI * this.#uniform();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform()));
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

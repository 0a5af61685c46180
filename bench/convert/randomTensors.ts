import { open } from "node:fs/promises";
import { seededRandom } from "../accuracy/seededRandom.ts";
import type { Shapes } from "./networkShapes.ts";

/** A prime, so that rows of a weight do not repeat each other. */
const poolSize = 1_048_573;
const bytesPerWrite = 16 * 1024 * 1024;

/** The bits of a normal float16 value nearest to `value`; tiny values become zero. */
function halfBits(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign;
  const exponent = Math.floor(Math.log2(magnitude));
  return sign + ((exponent + 15) << 10) + Math.round((magnitude / 2 ** exponent - 1) * 1024);
}

/** Normally distributed values of standard deviation 1, by Box and Muller. */
function normalPool(seed: number): Float64Array {
  const uniform = seededRandom(seed);
  return Float64Array.from(
    { length: poolSize },
    () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

class HalfPools {
  readonly #values: Float64Array;
  readonly #pools = new Map<string, Uint16Array>();

  constructor(seed: number) {
    this.#values = normalPool(seed);
  }

  /** The pool's values times `deviation` plus `mean`, as float16. */
  pool(deviation: number, mean: number): Uint16Array {
    const key = `${deviation} ${mean}`;
    const found = this.#pools.get(key);
    if (found) return found;
    const made = Uint16Array.from(this.#values, (value) => halfBits(mean + deviation * value));
    this.#pools.set(key, made);
    return made;
  }
}

/** The spread of a weight: a power of two near 1/√fan_in; norms are near 1, biases near 0. */
function spread(name: string, shape: readonly number[]): { deviation: number; mean: number } {
  if (shape.length < 2)
    return { deviation: 2 ** -6, mean: /(norm|ln_|_layers\.0|out\.0)\S*weight$/.test(name) ? 1 : 0 };
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  if (name.includes("embedding") && !name.includes("linear")) return { deviation: 2 ** -5, mean: 0 };
  if (name.includes("lora_up")) return { deviation: 2 ** -9, mean: 0 };
  return { deviation: 2 ** -Math.round(Math.log2(Math.sqrt(fanIn))), mean: 0 };
}

/** Writes a safetensors file of random float16 tensors, a few megabytes at a time. */
export async function writeRandomTensors(path: string, shapes: Shapes, seed: number): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let position = 0;
  for (const [name, shape] of shapes) {
    const bytes = shape.reduce((a, b) => a * b, 1) * 2;
    header[name] = { dtype: "F16", shape, data_offsets: [position, position + bytes] };
    position += bytes;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const handle = await open(path, "wx");
  const pools = new HalfPools(seed);
  const block = new Uint16Array(bytesPerWrite / 2);
  let phase = 0;
  let filled = 0;
  const flush = async () => {
    await handle.write(new Uint8Array(block.buffer, 0, filled * 2));
    filled = 0;
  };
  try {
    await handle.write(Buffer.concat([length, text]));
    for (const [name, shape] of shapes) {
      const { deviation, mean } = spread(name, shape);
      const pool = pools.pool(deviation, mean);
      let left = shape.reduce((a, b) => a * b, 1);
      while (left > 0) {
        if (filled === block.length) await flush();
        const count = Math.min(left, poolSize - phase, block.length - filled);
        block.set(pool.subarray(phase, phase + count), filled);
        filled += count;
        left -= count;
        phase = (phase + count) % poolSize;
      }
      // The next tensor starts elsewhere in the pool.
      phase = (phase + 7919) % poolSize;
    }
    await flush();
  } finally {
    await handle.close();
  }
  console.log(`${path}: ${shapes.size} tensors, ${(position / 1e9).toFixed(2)} GB`);
}

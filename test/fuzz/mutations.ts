import { pick, seededRandom } from "../../bench/accuracy/seededRandom.ts";

export type Random = () => number;

/** Numbers that break size arithmetic where it is careless. */
const awkwardNumbers = [
  "-1",
  "0",
  "1",
  "1.5",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "1e308",
  "-0",
  "null",
  '"7"',
  "[]",
  "{}",
] as const;

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const flipBits: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const flips = 1 + below(random, 8);
  for (let i = 0; i < flips && copy.length > 0; i++) {
    const at = below(random, copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
  }
  return copy;
};

const cutShort: Mutation = (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1));

const removePart: Mutation = (bytes, random) => {
  const from = below(random, bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + below(random, 64))]);
};

const repeatPart: Mutation = (bytes, random) => {
  const from = below(random, bytes.length + 1);
  const part = bytes.subarray(from, from + below(random, 64));
  return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from)]);
};

const insertNoise: Mutation = (bytes, random) => {
  const at = below(random, bytes.length + 1);
  const noise = Buffer.from(Array.from({ length: 1 + below(random, 32) }, () => below(random, 256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};

/** The part that is text: what a header or an XML file is read for. */
function textEnd(bytes: Buffer): number {
  return Math.min(bytes.length, 20_000);
}

/** Replaces one of the numbers in the text. */
const changeNumber: Mutation = (bytes, random) => {
  const text = bytes.toString("latin1", 0, textEnd(bytes));
  const numbers = [...text.matchAll(/\d+/g)];
  const chosen = numbers[below(random, numbers.length)];
  if (!chosen) return flipBits(bytes, random);
  const replacement = random() < 0.5 ? pick(random, awkwardNumbers) : String(below(random, 100_000));
  return Buffer.concat([
    bytes.subarray(0, chosen.index),
    Buffer.from(replacement),
    bytes.subarray(chosen.index + chosen[0].length),
  ]);
};

/** Replaces one word in the text by another of it. */
const swapWords: Mutation = (bytes, random) => {
  const text = bytes.toString("latin1", 0, textEnd(bytes));
  const words = [...text.matchAll(/[A-Za-z_][\w.]+/g)];
  const [one, other] = [words[below(random, words.length)], words[below(random, words.length)]];
  if (!one || !other) return flipBits(bytes, random);
  return Buffer.concat([
    bytes.subarray(0, one.index),
    Buffer.from(other[0], "latin1"),
    bytes.subarray(one.index + one[0].length),
  ]);
};

/** Writes an awkward length where a safetensors file has that of its header. */
const changeLength: Mutation = (bytes, random) => {
  if (bytes.length < 8) return bytes;
  const copy = Buffer.from(bytes);
  const lengths = [
    0n,
    1n,
    7n,
    BigInt(bytes.length),
    BigInt(bytes.length - 8),
    100_000_001n,
    2n ** 63n,
    2n ** 64n - 1n,
  ];
  copy.writeBigUInt64LE(lengths[below(random, lengths.length)] ?? 0n, 0);
  return copy;
};

/** Sets the header's length to what it is now, so that a change in the header is read and not only noticed. */
function withHonestLength(original: Buffer, mutated: Buffer): Buffer {
  if (mutated.length < 8) return mutated;
  const length = original.readBigUInt64LE(0) + BigInt(mutated.length - original.length);
  if (length < 0n || length > BigInt(mutated.length)) return mutated;
  const copy = Buffer.from(mutated);
  copy.writeBigUInt64LE(length, 0);
  return copy;
}

const mutations = [
  flipBits,
  cutShort,
  removePart,
  repeatPart,
  insertNoise,
  changeNumber,
  changeNumber,
  swapWords,
] as const;

/**
 * Damages a file in one to three ways, the same ones for the same seed.
 * @param isSafetensors whether the file starts with the length of its header
 */
export function damaged(bytes: Buffer, seed: number, isSafetensors: boolean): Buffer {
  const random = seededRandom(seed);
  let result = bytes;
  const rounds = 1 + below(random, 3);
  for (let round = 0; round < rounds; round++) result = pick(random, mutations)(result, random);
  if (!isSafetensors) return result;
  const kind = random();
  if (kind < 0.15) return changeLength(result, random);
  return kind < 0.6 ? withHonestLength(bytes, result) : result;
}

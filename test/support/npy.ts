import { readFileSync } from "node:fs";

/** An array that NumPy wrote. */
export interface StoredArray {
  shape: number[];
  data: Float32Array | BigInt64Array | Uint8Array;
}

/** Reads a `.npy` file of little-endian float32, int64 or uint8. */
export function readNpy(file: string): StoredArray {
  const bytes = readFileSync(file);
  const headerLength = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + headerLength);
  const type = /'descr': '([^']+)'/.exec(header)?.[1];
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .filter((length) => length.trim() !== "")
    .map(Number);
  const values = Uint8Array.from(bytes.subarray(10 + headerLength));
  switch (type) {
    case "<f4":
      return { shape, data: new Float32Array(values.buffer) };
    case "<i8":
      return { shape, data: new BigInt64Array(values.buffer) };
    case "|u1":
      return { shape, data: values };
    default:
      throw new Error(`${file} holds ${type}`);
  }
}

/** A `.npy` file of float32. */
export function readFloats(file: string): { shape: number[]; data: Float32Array } {
  const { shape, data } = readNpy(file);
  if (!(data instanceof Float32Array)) throw new Error(`${file} does not hold float32`);
  return { shape, data };
}

/** The values of image `at` of a stored batch of `count`. */
export function partOf<T extends Float32Array | BigInt64Array | Uint8Array>(
  data: T,
  at: number,
  count: number,
): T {
  const length = data.length / count;
  return data.slice(at * length, (at + 1) * length) as T;
}

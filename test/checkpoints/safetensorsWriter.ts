import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A tensor to write: its type, shape, and bytes (zeros where none are given). */
export interface TensorToWrite {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes?: Uint8Array;
}

const sizes: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1 };

/** Float32 values as a tensor. */
export function f32(shape: readonly number[], values: readonly number[]): TensorToWrite {
  return { dtype: "F32", shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** The bytes of a safetensors file with these tensors, in this order. */
export function safetensorsBytes(
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let position = 0;
  const parts: Uint8Array[] = [];
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    const length = shape.reduce((a, b) => a * b, 1) * (sizes[dtype] ?? 1);
    header[name] = { dtype, shape, data_offsets: [position, position + length] };
    parts.push(bytes ?? new Uint8Array(length));
    position += length;
  }
  return withHeader(JSON.stringify(header), Buffer.concat(parts));
}

/** A file with any header text, true or not. */
export function withHeader(header: string, data: Uint8Array): Uint8Array {
  const text = Buffer.from(header, "utf8");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

/** A new empty folder for one test file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "limner-checkpoints-"));
}

/** Writes a file into `folder` and returns its path. */
export function writeFileIn(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

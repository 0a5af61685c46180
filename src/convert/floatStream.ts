import { readFloats } from "../checkpoints/floatValues.ts";
import { elementCount, elementSize, type TensorSource } from "../checkpoints/tensorSource.ts";
import { toHalf } from "../graph/float16.ts";
import type { LazyData, ReadOptions } from "../graph/graph.ts";

/** How many values are in memory at once: 2 million, 8 MiB in float32. */
const valuesPerPiece = 2 * 1024 * 1024;

/** Told how many of a tensor's bytes have been converted. */
export type OnBytes = (count: number) => void;

/** Rows `first` to `first + count` of a weight taken as a matrix [rows, columns]. */
export interface RowBlock {
  readonly first: number;
  readonly count: number;
  readonly values: Float32Array;
}

/** The weight as a matrix: its first dimension by all others; a scalar is [1, 1]. */
export function matrixShape(shape: readonly number[]): { rows: number; columns: number } {
  const [rows = 1, ...rest] = shape;
  return { rows, columns: elementCount(rest) };
}

/** A tensor's values as float32, some whole rows at a time. */
export async function* rowBlocks(
  source: TensorSource,
  onBytes: OnBytes,
  { signal }: ReadOptions = {},
): AsyncGenerator<RowBlock> {
  const { rows, columns } = matrixShape(source.shape);
  const rowsPerBlock = Math.max(1, Math.floor(valuesPerPiece / Math.max(1, columns)));
  const size = elementSize(source.dataType);
  for (let first = 0; first < rows; first += rowsPerBlock) {
    signal?.throwIfAborted();
    const count = Math.min(rowsPerBlock, rows - first);
    const values = await readFloats(source, first * columns, count * columns);
    onBytes(count * columns * size);
    yield { first, count, values };
  }
}

/** A tensor's bytes as they are, a few megabytes at a time. */
async function* plainBytes(source: TensorSource, onBytes: OnBytes, { signal }: ReadOptions = {}) {
  const size = elementSize(source.dataType);
  const most = valuesPerPiece * 4;
  const piece = new Uint8Array(Math.min(most, source.byteLength));
  for (let offset = 0; offset < source.byteLength; offset += most) {
    signal?.throwIfAborted();
    const part = piece.subarray(0, Math.min(most, source.byteLength - offset));
    await source.read(offset, part);
    onBytes(part.length - (part.length % size));
    yield part;
  }
}

/** A tensor's values as they are stored. */
export function storedBytes(source: TensorSource, onBytes: OnBytes): LazyData {
  return { kind: "lazy", size: source.byteLength, open: (options) => plainBytes(source, onBytes, options) };
}

/** A tensor's values as little-endian float32. */
export function floatStream(source: TensorSource, onBytes: OnBytes): LazyData {
  if (source.dataType === "F32") return storedBytes(source, onBytes);
  async function* open(options?: ReadOptions) {
    for await (const { values } of rowBlocks(source, onBytes, options))
      yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  return { kind: "lazy", size: elementCount(source.shape) * 4, open };
}

/** A tensor's values as little-endian float16; what a half cannot hold becomes its largest value, not infinity. */
export function halfStream(source: TensorSource, onBytes: OnBytes): LazyData {
  if (source.dataType === "F16") return storedBytes(source, onBytes);
  async function* open(options?: ReadOptions) {
    for await (const { values } of rowBlocks(source, onBytes, options)) {
      const halves = new Uint16Array(values.length);
      toHalf(values, halves);
      yield new Uint8Array(halves.buffer);
    }
  }
  return { kind: "lazy", size: elementCount(source.shape) * 2, open };
}

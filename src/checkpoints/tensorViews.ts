import { CheckpointError } from "./checkpointError.ts";
import { elementCount, elementSize, readWhole, type TensorSource } from "./tensorSource.ts";

/** The largest matrix that is transposed: it is held in memory as a whole. */
const largestTransposed = 256 * 1024 * 1024;

/** The same values under another name and shape; the number of elements must agree. */
export function reshaped(source: TensorSource, name: string, shape: readonly number[]): TensorSource {
  if (elementCount(shape) !== elementCount(source.shape))
    throw new CheckpointError(
      "damaged",
      `The tensor ${source.name} has the shape [${source.shape.join(", ")}], which does not fit [${shape.join(", ")}].`,
    );
  const { dataType, byteLength } = source;
  return { name, dataType, shape, byteLength, read: (offset, target) => source.read(offset, target) };
}

/** Rows `first` to `first + count` of a tensor, as a tensor of its own. */
export function rowsOf(source: TensorSource, name: string, first: number, count: number): TensorSource {
  const [rows = 0, ...rest] = source.shape;
  if (first < 0 || count < 0 || first + count > rows)
    throw new CheckpointError(
      "damaged",
      `The tensor ${source.name} has ${rows} rows; rows ${first} to ${first + count} were asked for.`,
    );
  const rowBytes = elementCount(rest) * elementSize(source.dataType);
  return {
    name,
    dataType: source.dataType,
    shape: [count, ...rest],
    byteLength: count * rowBytes,
    read: (offset, target) => source.read(first * rowBytes + offset, target),
  };
}

/** Copies a `[rows, columns]` matrix of elements of `size` bytes into `[columns, rows]`. */
function transpose(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * size;
      const to = (column * rows + row) * size;
      for (let byte = 0; byte < size; byte++) result[to + byte] = bytes[from + byte] ?? 0;
    }
  return result;
}

/** The transpose `[columns, rows]` of a matrix `[rows, columns]` of at most 256 MiB. */
export function transposed(source: TensorSource, name: string): TensorSource {
  const [rows, columns] = source.shape;
  if (rows === undefined || columns === undefined || source.shape.length !== 2)
    throw new CheckpointError(
      "damaged",
      `The tensor ${source.name} has the shape [${source.shape.join(", ")}]; a matrix was expected.`,
    );
  if (source.byteLength > largestTransposed)
    throw new CheckpointError("unsupported", `The tensor ${source.name} is too large to be transposed.`);
  let whole: Promise<Uint8Array> | undefined;
  const size = elementSize(source.dataType);
  return {
    name,
    dataType: source.dataType,
    shape: [columns, rows],
    byteLength: source.byteLength,
    async read(offset, target) {
      whole ??= readWhole(source).then((bytes) => transpose(bytes, rows, columns, size));
      target.set((await whole).subarray(offset, offset + target.length));
    },
  };
}

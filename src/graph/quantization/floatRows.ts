import { byteSize, type ElementType, elementCount } from "../elementType.ts";
import { fromBfloat16, fromHalf } from "../float16.ts";
import type { ConstantData, ReadOptions, Shape } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { readData } from "../ir/readData.ts";

/** Values decoded at a time, so that memory stays flat. */
const valuesAtOnce = 1 << 20;

/** Rows of floats that are read, or made, one piece after the other. */
export interface FloatRows {
  readonly rows: number;
  readonly columns: number;
  /** Whole rows in order, many at a time. A piece is overwritten once the next one is asked for. */
  open(options?: ReadOptions): AsyncIterable<Float32Array>;
}

/** Whether the values of this type can be read as float32. */
export function isFloatType(type: ElementType): boolean {
  return type === "f32" || type === "f16" || type === "bf16";
}

/** A floating-point constant as rows: its first dimension by all the others. @throws GraphError for other types */
export function floatRows(type: ElementType, shape: Shape, data: ConstantData): FloatRows {
  if (!isFloatType(type)) throw new GraphError(`Constants of type ${type} do not hold weights.`);
  const rows = shape[0] ?? 1;
  const columns = elementCount(shape.slice(1));
  return { rows, columns, open: (options) => decodeRows(type, rows, columns, data, options) };
}

async function* decodeRows(
  type: ElementType,
  rows: number,
  columns: number,
  data: ConstantData,
  options: ReadOptions = {},
): AsyncGenerator<Float32Array> {
  const rowSize = byteSize(type, [columns]) ?? 0;
  if (rowSize === 0 || rows === 0) return;
  const together = Math.min(rows, Math.max(1, Math.floor(valuesAtOnce / columns)));
  const bytes = new Uint8Array(together * rowSize);
  const values = new Float32Array(type === "f32" ? 0 : together * columns);
  let filled = 0;
  let left = rows * rowSize;
  for await (const piece of readData(data, options)) {
    // A constant may be longer than its shape; the rest means nothing.
    for (let taken = 0; taken < piece.byteLength && left > 0; ) {
      const wanted = Math.min(bytes.byteLength - filled, left);
      const part = piece.subarray(taken, taken + wanted);
      bytes.set(part, filled);
      filled += part.byteLength;
      left -= part.byteLength;
      taken += part.byteLength;
      if (filled < bytes.byteLength && left > 0) continue;
      yield decode(type, bytes.subarray(0, filled), values);
      filled = 0;
    }
  }
  if (left > 0) throw new GraphError(`A constant's data are ${left} bytes shorter than its shape.`);
}

/** The values of whole rows, in the memory of `target`. */
function decode(type: ElementType, bytes: Uint8Array, target: Float32Array): Float32Array {
  if (type === "f32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const values = target.subarray(0, halves.length);
  if (type === "f16") fromHalf(halves, values);
  else fromBfloat16(halves, values);
  return values;
}

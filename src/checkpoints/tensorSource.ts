/** The element types of safetensors files that are read. */
export type DataType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "U64"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "I8"
  | "U8"
  | "BOOL";

const bytesPerElement: Record<DataType, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** The size in bytes of one element. */
export function elementSize(dataType: DataType): number {
  return bytesPerElement[dataType];
}

/** Whether `name` is an element type that is read. */
export function isDataType(name: string): name is DataType {
  return Object.hasOwn(bytesPerElement, name);
}

/** The number of elements of a tensor; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/**
 * A tensor whose values are somewhere else (in a file, or computed from other tensors) and are read piece by
 * piece, so that no tensor has to be in memory as a whole.
 */
export interface TensorSource {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** The size in bytes of all values, row by row, little-endian. */
  readonly byteLength: number;
  /**
   * Fills `target` with the bytes from `offset` on. Both `offset` and the target's length must be whole elements
   * and lie inside the tensor.
   */
  read(offset: number, target: Uint8Array): Promise<void>;
}

/** Reads a whole tensor. Only for small ones: the caller bounds `byteLength` first. */
export async function readWhole(source: TensorSource): Promise<Uint8Array> {
  const bytes = new Uint8Array(source.byteLength);
  await source.read(0, bytes);
  return bytes;
}

import { fromBfloat16, fromHalf } from "../graph/float16.ts";
import { CheckpointError } from "./checkpointError.ts";
import { type DataType, elementCount, elementSize, type TensorSource } from "./tensorSource.ts";

/** Whether values of this type can be read as float32. */
export function isFloat(dataType: DataType): boolean {
  return dataType === "F32" || dataType === "F16" || dataType === "BF16" || dataType === "F64";
}

/** A view of the same bytes, or of a copy where their address is not a multiple of the element's size. */
function aligned(bytes: Uint8Array, alignment: number): Uint8Array {
  return bytes.byteOffset % alignment === 0 ? bytes : new Uint8Array(bytes);
}

/**
 * Decodes little-endian floats.
 * @param bytes whole elements of `dataType`
 * @param target as many values as `bytes` has elements
 * @throws CheckpointError when `dataType` is not a floating-point type
 */
export function decodeFloats(bytes: Uint8Array, dataType: DataType, target: Float32Array): void {
  const count = bytes.byteLength / elementSize(dataType);
  if (target.length !== count)
    throw new RangeError(`${count} values do not fit into an array of ${target.length}.`);
  const source = aligned(bytes, elementSize(dataType));
  const { buffer, byteOffset } = source;
  switch (dataType) {
    case "F32":
      target.set(new Float32Array(buffer, byteOffset, count));
      return;
    case "F64":
      target.set(new Float64Array(buffer, byteOffset, count));
      return;
    case "F16":
      fromHalf(new Uint16Array(buffer, byteOffset, count), target);
      return;
    case "BF16":
      fromBfloat16(new Uint16Array(buffer, byteOffset, count), target);
      return;
    default:
      throw new CheckpointError("unsupported", `Tensors of type ${dataType} do not hold weights.`);
  }
}

/**
 * Reads `count` elements from the element `first` on as float32.
 * @throws CheckpointError when the tensor's type is not a floating-point type
 */
export async function readFloats(source: TensorSource, first = 0, count?: number): Promise<Float32Array> {
  const size = elementSize(source.dataType);
  const values = new Float32Array(count ?? elementCount(source.shape) - first);
  if (source.dataType === "F32") {
    await source.read(first * 4, new Uint8Array(values.buffer));
    return values;
  }
  const bytes = new Uint8Array(values.length * size);
  await source.read(first * size, bytes);
  decodeFloats(bytes, source.dataType, values);
  return values;
}

/** The little-endian bytes of float32 values, sharing their memory. */
export function floatBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

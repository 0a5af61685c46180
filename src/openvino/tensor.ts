/** What the elements of a tensor are held in. 16-bit floats travel as their bits. */
interface Elements {
  f32: Float32Array;
  f64: Float64Array;
  f16: Uint16Array;
  i64: BigInt64Array;
  i32: Int32Array;
  i16: Int16Array;
  i8: Int8Array;
  u64: BigUint64Array;
  u32: Uint32Array;
  u16: Uint16Array;
  u8: Uint8Array;
  /** One byte an element, 0 or 1. */
  boolean: Uint8Array;
}

/** The element types that cross the port, by OpenVINO's names. */
export type ElementType = keyof Elements;

/** A tensor of one known element type, row-major, in JavaScript's own memory. An empty shape is a scalar. */
export interface TensorOf<T extends ElementType> {
  readonly type: T;
  readonly shape: readonly number[];
  readonly data: Elements[T];
}

/** A tensor of any element type: `type` tells which array `data` is. */
export type Tensor = { [T in ElementType]: TensorOf<T> }[ElementType];

const arrays: { [T in ElementType]: new (length: number) => Elements[T] } = {
  f32: Float32Array,
  f64: Float64Array,
  f16: Uint16Array,
  i64: BigInt64Array,
  i32: Int32Array,
  i16: Int16Array,
  i8: Int8Array,
  u64: BigUint64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
  boolean: Uint8Array,
};

/** Every element type, in a fixed order. */
export const elementTypes = Object.keys(arrays) as readonly ElementType[];

/** Whether OpenVINO's name of an element type is one that crosses the port. */
export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(arrays, name);
}

/** The number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** A shape as people read it: `[1,4,16,16]`, `[]` for a scalar, `?` where a dimension is open. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.map((dimension) => (dimension < 0 ? "?" : dimension)).join(",")}]`;
}

/** An empty (all zero) array for a type and a number of elements. */
export function allocate<T extends ElementType>(type: T, length: number): Elements[T] {
  return new arrays[type](length);
}

/**
 * A tensor over `data`, which is not copied.
 * @throws RangeError where the shape is not made of natural numbers or does not hold as many elements as `data`
 */
export function tensorOf<T extends ElementType>(
  type: T,
  shape: readonly number[],
  data: Elements[T],
): TensorOf<T> {
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) {
    throw new RangeError(`${shapeText(shape)} is not the shape of a tensor: dimensions are 0, 1, 2, …`);
  }
  if (elementCount(shape) !== data.length) {
    throw new RangeError(
      `a tensor of shape ${shapeText(shape)} holds ${elementCount(shape)} elements, not ${data.length}`,
    );
  }
  return { type, shape: [...shape], data };
}

/** A 32-bit float tensor over a `Float32Array`, or of a copy of numbers. */
export function f32(shape: readonly number[], data: Float32Array | readonly number[]): TensorOf<"f32"> {
  return tensorOf("f32", shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

/** A 64-bit integer tensor over a `BigInt64Array`, or of a copy of whole numbers. */
export function i64(shape: readonly number[], data: BigInt64Array | readonly number[]): TensorOf<"i64"> {
  return tensorOf("i64", shape, data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt));
}

/** A 32-bit integer tensor over an `Int32Array`, or of a copy of whole numbers. */
export function i32(shape: readonly number[], data: Int32Array | readonly number[]): TensorOf<"i32"> {
  return tensorOf("i32", shape, data instanceof Int32Array ? data : Int32Array.from(data));
}

/** A tensor of truth values. */
export function booleans(shape: readonly number[], data: readonly boolean[]): TensorOf<"boolean"> {
  return tensorOf("boolean", shape, Uint8Array.from(data, Number));
}

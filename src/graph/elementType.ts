import { GraphError } from "./graphError.ts";

/** Bits per element and the name that ports carry, by OpenVINO's name of the type. */
const types = {
  dynamic: { bits: 0, precision: "UNSPECIFIED" },
  boolean: { bits: 8, precision: "BOOL" },
  bf16: { bits: 16, precision: "BF16" },
  f16: { bits: 16, precision: "FP16" },
  f32: { bits: 32, precision: "FP32" },
  f64: { bits: 64, precision: "FP64" },
  i4: { bits: 4, precision: "I4" },
  i8: { bits: 8, precision: "I8" },
  i16: { bits: 16, precision: "I16" },
  i32: { bits: 32, precision: "I32" },
  i64: { bits: 64, precision: "I64" },
  u1: { bits: 1, precision: "BIN" },
  u2: { bits: 2, precision: "U2" },
  u3: { bits: 3, precision: "U3" },
  u4: { bits: 4, precision: "U4" },
  u6: { bits: 6, precision: "U6" },
  u8: { bits: 8, precision: "U8" },
  u16: { bits: 16, precision: "U16" },
  u32: { bits: 32, precision: "U32" },
  u64: { bits: 64, precision: "U64" },
  nf4: { bits: 4, precision: "NF4" },
  f8e4m3: { bits: 8, precision: "F8E4M3" },
  f8e5m2: { bits: 8, precision: "F8E5M2" },
  f4e2m1: { bits: 4, precision: "F4E2M1" },
  f8e8m0: { bits: 8, precision: "F8E8M0" },
  /** Packed: a count, offsets, characters. The number of bytes does not follow from the shape. */
  string: { bits: 0, precision: "STRING" },
} as const;

/** An element type, by OpenVINO's name. */
export type ElementType = keyof typeof types;

const byPrecision = new Map<string, ElementType>([
  ...Object.entries(types).map(([name, { precision }]) => [precision, name as ElementType] as const),
  ["FP", "f32"],
  ["Q78", "i16"],
  ["U1", "u1"],
  ["BOOLEAN", "boolean"],
  ["F16", "f16"],
  ["F32", "f32"],
  ["F64", "f64"],
  ["DYNAMIC", "dynamic"],
  ["UNDEFINED", "dynamic"],
]);

/** Whether `name` is OpenVINO's name of an element type (`f32`, `u8`, …). */
export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(types, name);
}

/** The name that an IR's ports use for a type: `FP32`, `U8`, … */
export function precisionOf(type: ElementType): string {
  return types[type].precision;
}

/** The type of an IR's name for it, in attributes (`f32`) or ports (`FP32`). @throws GraphError */
export function elementTypeOf(name: string): ElementType {
  const type = isElementType(name) ? name : byPrecision.get(name.toUpperCase());
  if (type === undefined) throw new GraphError(`"${name}" is not an element type that OpenVINO knows.`);
  return type;
}

/** The number of elements of a shape whose dimensions are all known; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** The bytes that a constant takes; `undefined` where the shape does not tell (strings). */
export function byteSize(type: ElementType, shape: readonly number[]): number | undefined {
  if (type === "string" || type === "dynamic") return undefined;
  // u3 and u6 are packed in groups: their size is not the bits rounded up.
  if (type === "u3" || type === "u6") return undefined;
  return Math.ceil((elementCount(shape) * types[type].bits) / 8);
}

import { type ElementType, elementTypes } from "../tensor.ts";

/** `ov_element_type_e`, in its order: the number of a type is its place. */
const names = [
  ...["dynamic", "boolean", "bf16", "f16", "f32", "f64", "i4", "i8", "i16", "i32", "i64"],
  ...["u1", "u2", "u3", "u4", "u6", "u8", "u16", "u32", "u64"],
  ...["nf4", "f8e4m3", "f8e5m2", "string", "f4e2m1", "f8e8m0"],
];

/** OpenVINO's name of an element type. */
export function typeName(type: number): string {
  return names[type] ?? `type ${type}`;
}

/** OpenVINO's number of an element type. */
export function typeNumber(type: ElementType): number {
  return names.indexOf(type);
}

/** All types of the port are the C API's too. */
export const supportedTypes: ReadonlySet<ElementType> = new Set(elementTypes);

import koffi from "koffi";

/** An address of something of OpenVINO's. */
export type Handle = bigint;

/** Where a C function writes an address: an array of one. */
export type HandleOut = [Handle | null];

/** `ov_shape_t`; to C, `dims` is an array of one number a dimension (null for a scalar), from C its address. */
export interface NativeShape {
  rank: number;
  dims: BigInt64Array | Handle | null;
}

/** `ov_partial_shape_t`; `dims` holds a least and a greatest value for each dimension. */
export interface NativePartialShape {
  rank: { min: number; max: number };
  dims: BigInt64Array | Handle | null;
}

export interface NativeProperty {
  key: string;
  value: string;
}

/** What koffi takes for a type. */
export type NativeType = Parameters<typeof koffi.sizeof>[0];

export const address = "void *";
export const size = "size_t";
export const text = "str";
export const status = "int";
export const nothing = "void";

// None of these types has a name: koffi's names are global to the process, and two libraries may be loaded in it.
const dimension = koffi.struct({ min: "int64_t", max: "int64_t" });
export const shape = koffi.struct({ rank: "int64_t", dims: address });
export const partialShape = koffi.struct({ rank: dimension, dims: address });
export const version = koffi.struct({ buildNumber: address, description: address });
export const deviceList = koffi.struct({ devices: address, size });

const property = koffi.struct({ key: text, value: text });
export const properties = koffi.pointer(property);
export const texts = koffi.pointer(text);
export const partialShapes = koffi.pointer(partialShape);

/** A parameter through which a function returns a value. */
export const out = (type: NativeType) => koffi.out(koffi.pointer(type));
/** A parameter that a function reads and writes. */
export const inout = (type: NativeType) => koffi.inout(koffi.pointer(type));

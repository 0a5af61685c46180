import koffi from "koffi";
import type { PartialShape } from "../runtime.ts";
import type { Library } from "./library.ts";
import type { Handle, NativePartialShape, NativeShape } from "./types.ts";

/** A shape for C. `ov_shape_create` refuses rank 0, so shapes are made here, over memory of JavaScript's. */
export function nativeShape(shape: readonly number[]): NativeShape {
  return { rank: shape.length, dims: shape.length === 0 ? null : BigInt64Array.from(shape, BigInt) };
}

/** A partial shape for C: an open dimension, -1, runs from 0 to OpenVINO's -1. */
export function nativePartialShape(shape: PartialShape): NativePartialShape {
  const bounds = shape.flatMap((dimension) =>
    dimension < 0 ? [0n, -1n] : [BigInt(dimension), BigInt(dimension)],
  );
  const rank = { min: shape.length, max: shape.length };
  return { rank, dims: shape.length === 0 ? null : BigInt64Array.from(bounds) };
}

/** Copies a shape that a C function filled in, and frees it. */
export function takeShape(library: Library, shape: NativeShape): number[] {
  const dims = numbersAt(shape.dims, shape.rank);
  library.ov_shape_free(shape);
  return dims;
}

/** Copies a partial shape that a C function filled in, and frees it. Undefined where its rank is open. */
export function takePartialShape(library: Library, shape: NativePartialShape): number[] | undefined {
  const rank = shape.rank.min === shape.rank.max ? shape.rank.min : undefined;
  const bounds = rank === undefined ? [] : numbersAt(shape.dims, rank * 2);
  library.ov_partial_shape_free(shape);
  if (rank === undefined) return undefined;
  return Array.from({ length: rank }, (_, axis) => {
    const least = bounds[axis * 2] ?? 0;
    return least === bounds[axis * 2 + 1] ? least : -1;
  });
}

function numbersAt(address: NativeShape["dims"], count: number): number[] {
  if (count === 0 || address === null) return [];
  return Array.from(koffi.decode(address as Handle, "int64_t", count) as Iterable<bigint | number>, Number);
}

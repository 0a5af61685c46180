import { describe, expect, it } from "vitest";
import { floatBytes, readFloats } from "../../src/checkpoints/floatValues.ts";
import type { TensorSource } from "../../src/checkpoints/tensorSource.ts";
import { reshaped, rowsOf, transposed } from "../../src/checkpoints/tensorViews.ts";

/** A tensor of 0, 1, 2, … in memory. */
function counting(shape: number[]): TensorSource {
  const count = shape.reduce((a, b) => a * b, 1);
  const bytes = floatBytes(Float32Array.from({ length: count }, (_, i) => i));
  return {
    name: "w",
    dataType: "F32",
    shape,
    byteLength: bytes.length,
    read: async (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
  };
}

describe("views of a tensor", () => {
  it("take rows, as the three parts of in_proj", async () => {
    const middle = rowsOf(counting([6, 2]), "k_proj", 2, 2);
    expect(middle.shape).toEqual([2, 2]);
    expect([...(await readFloats(middle))]).toEqual([4, 5, 6, 7]);
    expect([...(await readFloats(middle, 1, 2))]).toEqual([5, 6]);
    expect(() => rowsOf(counting([6, 2]), "x", 5, 2)).toThrow("has 6 rows; rows 5 to 7 were asked for");
  });

  it("transpose a matrix and read any part of the transpose", async () => {
    const view = transposed(counting([2, 3]), "t");
    expect(view.shape).toEqual([3, 2]);
    expect([...(await readFloats(view))]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...(await readFloats(view, 3, 2))]).toEqual([4, 2]);
    expect(() => transposed(counting([2, 3, 1]), "t")).toThrow("a matrix was expected");
  });

  it("change the shape only where the number of values stays", async () => {
    const view = reshaped(counting([2, 3, 1, 1]), "linear", [2, 3]);
    expect(view.shape).toEqual([2, 3]);
    expect([...(await readFloats(view))]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(() => reshaped(counting([2, 3]), "x", [5])).toThrow("which does not fit [5]");
  });
});

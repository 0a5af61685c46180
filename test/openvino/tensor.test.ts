import { describe, expect, test } from "vitest";
import {
  allocate,
  booleans,
  elementTypes,
  f32,
  i32,
  i64,
  isElementType,
  shapeText,
  tensorOf,
} from "../../src/openvino/tensor.ts";

describe("a tensor", () => {
  test("is made of numbers or of a typed array, which is not copied", () => {
    const data = new Float32Array([1, 2]);
    expect(f32([2], data).data).toBe(data);
    expect(f32([2], [1, 2])).toEqual({ type: "f32", shape: [2], data });
    expect(i64([1, 2], [1, -2]).data).toEqual(new BigInt64Array([1n, -2n]));
    expect(i32([], [7])).toEqual({ type: "i32", shape: [], data: new Int32Array([7]) });
    expect(booleans([2], [true, false]).data).toEqual(new Uint8Array([1, 0]));
  });

  test("keeps its shape when the array it was made with changes", () => {
    const shape = [1, 2];
    const tensor = f32(shape, [1, 2]);
    shape[0] = 9;
    expect(tensor.shape).toEqual([1, 2]);
  });

  test("may have no elements", () => {
    expect(f32([0, 4], []).data).toHaveLength(0);
  });

  test("refuses a shape that does not hold its elements", () => {
    expect(() => f32([2, 3], [1, 2])).toThrow("a tensor of shape [2,3] holds 6 elements, not 2");
    expect(() => f32([], [])).toThrow("a tensor of shape [] holds 1 elements, not 0");
  });

  test.each([[[-1]], [[1.5]], [[Number.NaN]]])("refuses %j for a shape", (shape) => {
    expect(() => tensorOf("u8", shape, new Uint8Array(1))).toThrow("is not the shape of a tensor");
  });
});

test("every element type has its array", () => {
  expect(Object.fromEntries(elementTypes.map((type) => [type, allocate(type, 2).BYTES_PER_ELEMENT]))).toEqual(
    {
      ...{ f64: 8, i64: 8, u64: 8, f32: 4, i32: 4, u32: 4 },
      ...{ f16: 2, i16: 2, u16: 2, i8: 1, u8: 1, boolean: 1 },
    },
  );
});

test("a name is an element type only if it is one", () => {
  expect(["f32", "boolean", "bf16", "toString"].map(isElementType)).toEqual([true, true, false, false]);
});

test("an open dimension is written as ?", () => {
  expect([[1, -1, 3], []].map(shapeText)).toEqual(["[1,?,3]", "[]"]);
});

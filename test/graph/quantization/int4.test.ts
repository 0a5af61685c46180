import { describe, expect, it } from "vitest";
import { quantizeInt4Groups } from "../../../src/graph/quantization/int4.ts";

/** Signed values and scales of groups of four. */
function quantize(...values: number[]) {
  const packed = new Uint8Array(values.length / 2);
  const scales = new Float32Array(values.length / 4);
  quantizeInt4Groups(Float32Array.from(values), 4, packed, scales);
  const signed = (nibble: number) => (nibble ^ 8) - 8;
  return {
    values: [...packed].flatMap((byte) => [signed(byte & 15), signed(byte >> 4)]),
    scales: [...scales],
  };
}

describe("a group in 4 bits", () => {
  it("makes the side that reaches further from zero -8", () => {
    expect(quantize(-8, 7, 1, 0)).toEqual({ values: [-8, 7, 1, 0], scales: [1] });
    expect(quantize(8, -7, 1, 0)).toEqual({ values: [-8, 7, -1, 0], scales: [-1] });
  });

  it("takes the negative side where both reach as far, and clamps the other to 7", () => {
    expect(quantize(-16, 16, 2, 0)).toEqual({ values: [-8, 7, 1, 0], scales: [2] });
  });

  it("takes a positive scale for equal values, as NNCF does", () => {
    expect(quantize(4, 4, 4, 4)).toEqual({ values: [7, 7, 7, 7], scales: [0.5] });
  });

  it("rounds halves to even", () => {
    expect(quantize(-8, 0.5, 1.5, 2.5).values).toEqual([-8, 0, 2, 2]);
    expect(quantize(-8, -0.5, -1.5, -2.5).values).toEqual([-8, 0, -2, -2]);
  });

  it("of zeros has float32's epsilon for a scale", () => {
    expect(quantize(0, 0, 0, 0)).toEqual({ values: [0, 0, 0, 0], scales: [2 ** -23] });
  });

  it("has a scale of its own", () => {
    expect(quantize(-8, 0, 0, 0, 16, 2, 4, 6, -24, 3, 3, 3).scales).toEqual([1, -2, 3]);
  });
});

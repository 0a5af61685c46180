import { describe, expect, it } from "vitest";
import { quantizeInt8Rows } from "../../../src/graph/quantization/int8.ts";

function quantize(...row: number[]) {
  const quantized = new Uint8Array(row.length);
  const scales = new Float32Array(1);
  const zeroPoints = new Uint8Array(1);
  quantizeInt8Rows(Float32Array.from(row), row.length, quantized, scales, zeroPoints);
  return { quantized: [...quantized], scale: scales[0], zeroPoint: zeroPoints[0] };
}

describe("a row in 8 bits", () => {
  it("goes from its least value to its largest", () => {
    expect(quantize(-100, 0, 55, 155)).toEqual({ quantized: [0, 100, 155, 255], scale: 1, zeroPoint: 100 });
  });

  it("includes zero, where all values are of one sign", () => {
    expect(quantize(51, 255)).toEqual({ quantized: [51, 255], scale: 1, zeroPoint: 0 });
    expect(quantize(-51, -255)).toEqual({ quantized: [204, 0], scale: 1, zeroPoint: 255 });
  });

  it("rounds halves to even", () => {
    expect(quantize(0.5, 1.5, 2.5, 3.5, 255).quantized).toEqual([0, 2, 2, 4, 255]);
    expect(quantize(-0.5, -1.5, -2.5, -255).quantized).toEqual([254, 254, 252, 0]);
  });

  it("of zeros has float32's epsilon for a scale", () => {
    expect(quantize(0, 0)).toEqual({ quantized: [0, 0], scale: 2 ** -23, zeroPoint: 0 });
  });

  it("has scales and zero points of its own", () => {
    const quantized = new Uint8Array(4);
    const scales = new Float32Array(2);
    const zeroPoints = new Uint8Array(2);
    quantizeInt8Rows(Float32Array.of(0, 255, -510, 0), 2, quantized, scales, zeroPoints);
    expect([[...quantized], [...scales], [...zeroPoints]]).toEqual([
      [0, 255, 0, 255],
      [1, 2],
      [0, 255],
    ]);
  });
});

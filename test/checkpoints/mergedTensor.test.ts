import { describe, expect, it } from "vitest";
import { floatBytes, readFloats } from "../../src/checkpoints/floatValues.ts";
import { loraDeltaFor } from "../../src/checkpoints/loraDelta.ts";
import type { LoraFile } from "../../src/checkpoints/loraFile.ts";
import type { LoraLayer } from "../../src/checkpoints/loraLayer.ts";
import { plainProduct, productBySize } from "../../src/checkpoints/matrixProduct.ts";
import { mergedTensor } from "../../src/checkpoints/mergedTensor.ts";
import type { TensorSource } from "../../src/checkpoints/tensorSource.ts";

function tensor(shape: number[], values: number[]): TensorSource {
  const bytes = floatBytes(Float32Array.from(values));
  return {
    name: "w",
    dataType: "F32",
    shape,
    byteLength: bytes.length,
    read: async (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
  };
}

const file: LoraFile = {
  file: "x.safetensors",
  layers: [],
  unknown: [],
  settings: {},
  close: async () => {},
};
const base = tensor([2, 3], [1, 2, 3, 4, 5, 6]);

async function merged(parts: LoraLayer["parts"], scale = 1, from = base): Promise<number[]> {
  const delta = await loraDeltaFor(file, { module: "m", parts }, "m.weight", from.shape);
  return [...(await readFloats(mergedTensor(from, [{ delta, scale }], plainProduct)))];
}

const up = tensor([2, 1], [1, 2]);
const down = tensor([1, 3], [10, 20, 30]);

describe("merging a LoRA into a weight", () => {
  it("adds scale · alpha / rank · up · down", async () => {
    expect(await merged({ up, down })).toEqual([11, 22, 33, 24, 45, 66]);
    expect(await merged({ up, down, alpha: tensor([], [0.5]) })).toEqual([6, 12, 18, 14, 25, 36]);
    expect(await merged({ up, down, alpha: tensor([], [0.5]) }, -2)).toEqual([-9, -18, -27, -16, -35, -54]);
  });

  it("adds several, one after the other", async () => {
    const delta = await loraDeltaFor(file, { module: "m", parts: { up, down } }, "m.weight", base.shape);
    const twice = mergedTensor(
      base,
      [
        { delta, scale: 1 },
        { delta, scale: 0.5 },
      ],
      plainProduct,
    );
    expect([...(await readFloats(twice))]).toEqual([16, 32, 48, 34, 65, 96]);
    expect([...(await readFloats(twice, 2, 2))]).toEqual([48, 34]);
  });

  it("merges a 3x3 convolution: down 3x3, then up 1x1", async () => {
    const kernel = tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const zero = tensor([2, 1, 3, 3], Array(18).fill(0));
    const result = await merged({ up: tensor([2, 1, 1, 1], [1, 10]), down: kernel }, 1, zero);
    expect(result).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it("brings rows to DoRA's magnitude", async () => {
    const three = tensor([2, 2], [3, 0, 0, 4]);
    const zero = { up: tensor([2, 1], [0, 4]), down: tensor([1, 2], [1, 0]) };
    // Rows after the change: [3, 0] of length 3 and [4, 4] of length 4·√2.
    const parts = { ...zero, doraScale: tensor([2, 1], [6, 8]) };
    const [a = 0, b = 0, c = 0, d = 0] = await merged(parts, 1, three);
    expect([a, b]).toEqual([6, 0]);
    expect(c).toBeCloseTo(8 / Math.SQRT2, 5);
    expect(d).toBeCloseTo(8 / Math.SQRT2, 5);
    // Half of it: halfway between the old row and the new.
    const half = await merged(parts, 0.5, three);
    expect(half.slice(0, 2)).toEqual([4.5, 0]);
    await expect(merged({ ...zero, doraScale: tensor([1, 2], [1, 1]) }, 1, three)).rejects.toThrow(
      "one magnitude per input column",
    );
  });

  it("multiplies LoHa's two products element by element", async () => {
    const parts = {
      hadaW1A: up,
      hadaW1B: down,
      hadaW2A: tensor([2, 1], [1, 3]),
      hadaW2B: tensor([1, 3], [1, 0, -1]),
      alpha: tensor([1], [2]),
    };
    // [[10,20,30],[20,40,60]] ∘ [[1,0,−1],[3,0,−3]] · 2
    expect(await merged(parts)).toEqual([21, 2, -57, 124, 5, -354]);
  });

  it("builds LoKr's Kronecker product, row by row", async () => {
    const zero = tensor([4, 4], Array(16).fill(0));
    const parts = { lokrW1: tensor([2, 2], [1, 2, 3, 4]), lokrW2: tensor([2, 2], [1, 10, 100, 1000]) };
    expect(await merged(parts, 1, zero)).toEqual([
      1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000,
    ]);
    const factored = {
      lokrW1: parts.lokrW1,
      lokrW2A: tensor([2, 1], [1, 2]),
      lokrW2B: tensor([1, 2], [1, 1]),
      alpha: tensor([], [0.5]),
    };
    expect((await merged(factored, 1, zero)).slice(0, 4)).toEqual([0.5, 0.5, 1, 1]);
  });

  it("refuses shapes that do not fit, with the shapes", async () => {
    await expect(merged({ up, down: tensor([1, 4], [1, 2, 3, 4]) })).rejects.toThrow(
      'x.safetensors does not fit this model: "m" has the shapes [2, 1], [1, 4], and m.weight is [2, 3]',
    );
    await expect(merged({ up })).rejects.toThrow("does not fit this model");
  });
});

describe("the product of matrices", () => {
  it("adds every term, also those left over from groups of four", async () => {
    for (const inner of [1, 3, 4, 5, 8]) {
      const left = Float32Array.from({ length: 2 * inner }, (_, i) => i + 1);
      const right = Float32Array.from({ length: inner * 3 }, (_, i) => i % 5);
      const expected = [0, 1].flatMap((row) =>
        [0, 1, 2].map((column) => {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += (left[row * inner + k] ?? 0) * (right[k * 3 + column] ?? 0);
          return sum;
        }),
      );
      expect([...(await plainProduct(left, right, 2, inner, 3))]).toEqual(expected);
    }
  });

  it("is left to something else where matrices are large", async () => {
    let asked = 0;
    const product = productBySize(async (_left, _right, rows, _inner, columns) => {
      asked += 1;
      return new Float32Array(rows * columns);
    });
    const one = Float32Array.of(1);
    expect([...(await product(one, one, 1, 1, 1))]).toEqual([1]);
    expect(asked).toBe(0);
    await product(new Float32Array(4000 * 64), new Float32Array(64 * 64), 4000, 64, 64);
    expect(asked).toBe(1);
  });
});

// What torch draws: whole arrays by their hash, short ones and ends value by value.
import { describe, expect, it } from "vitest";
import { fma32 } from "../../src/random/fusedMultiplyAdd.ts";
import { drawAll, hashOf, noiseCases, noiseFolder } from "../parity/noiseCases.ts";
import { readFloats } from "../support/npy.ts";

const stored = readFloats(`${noiseFolder}/noise.npy`).data;

describe("noise", () => {
  const cases = noiseCases.map((entry) => [entry.seed, JSON.stringify(entry.draws), entry] as const);

  it.each(cases)("equals torch's for seed %i, draws %s, bit for bit", (_seed, _draws, entry) => {
    const drawn = drawAll(entry);
    expect(drawn).toHaveLength(entry.count);
    if (entry.kept === "all") {
      expect([...drawn]).toEqual([...stored.subarray(entry.offset, entry.offset + entry.count)]);
    } else {
      expect([...drawn.subarray(0, 64)]).toEqual([...stored.subarray(entry.offset, entry.offset + 64)]);
    }
    expect(hashOf(drawn)).toBe(entry.sha256);
  });
});

describe("the fused multiply-add", () => {
  it("rounds once where rounding twice would differ", () => {
    // 97 · 172961 = 2²⁴ + 1: the product is 1 + 2⁻²⁴, midway between two floats, so that any c however small decides.
    const b = 172961 / 2 ** 24;
    expect(Math.fround(97 * b + 2 ** -60)).toBe(1);
    expect(fma32(97, b, 2 ** -60)).toBe(1 + 2 ** -23);
    expect(fma32(97, b, -(2 ** -60))).toBe(1);
    expect(fma32(97, b, 0)).toBe(1);
    expect(fma32(-97, b, -(2 ** -60))).toBe(-1 - 2 ** -23);
  });

  it.each([
    [2 ** 60, 1, -(2 ** -60), 2 ** 60],
    [3, 7, 2, 23],
    [-0.5, 0.25, 0.125, 0],
  ])("computes %d · %d + %d", (a, b, c, result) => {
    expect(fma32(a, b, c)).toBe(result);
  });
});

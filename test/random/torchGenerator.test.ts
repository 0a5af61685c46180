// What torch draws (test/reference/make_outputs.py): whole arrays by their hash, short ones and ends value by value.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fma32 } from "../../src/random/fusedMultiplyAdd.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { readFloats } from "../support/npy.ts";

interface Entry {
  seed: number;
  /** Shapes drawn one after the other from one generator. */
  draws: number[][];
  count: number;
  sha256: string;
  kept: "all" | "first and last 64";
  offset: number;
}
const folder = "test/fixtures/tiny-sdxl-outputs";
const { entries }: { entries: Entry[] } = JSON.parse(readFileSync(`${folder}/noise.json`, "utf8"));
const stored = readFloats(`${folder}/noise.npy`).data;

function drawAll({ seed, draws }: Entry): Float32Array {
  const generator = new TorchGenerator(seed);
  const parts = draws.map((shape) => generator.randn(shape.reduce((product, length) => product * length, 1)));
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

describe("noise", () => {
  const cases = entries.map((entry) => [entry.seed, JSON.stringify(entry.draws), entry] as const);

  it.each(cases)("equals torch's for seed %i, draws %s, bit for bit", (_seed, _draws, entry) => {
    const drawn = drawAll(entry);
    expect(drawn).toHaveLength(entry.count);
    if (entry.kept === "all") {
      expect([...drawn]).toEqual([...stored.subarray(entry.offset, entry.offset + entry.count)]);
    } else {
      expect([...drawn.subarray(0, 64)]).toEqual([...stored.subarray(entry.offset, entry.offset + 64)]);
    }
    expect(createHash("sha256").update(new Uint8Array(drawn.buffer)).digest("hex")).toBe(entry.sha256);
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

import { describe, expect, it } from "vitest";
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from "../../src/graph/float16.ts";

const allBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

function half(value: number): number {
  const target = new Uint16Array(1);
  toHalf(Float32Array.of(value), target);
  return target[0];
}

describe("float32 to half", () => {
  it("gives every finite half back", () => {
    const values = new Float32Array(65536);
    fromHalf(allBits, values);
    const back = new Uint16Array(65536);
    toHalf(values, back);
    const wrong = [...allBits].filter((bits) => (bits & 0x7c00) !== 0x7c00 && back[bits] !== bits);
    expect(wrong).toEqual([]);
  });

  it.each([
    ["1", 1, 0x3c00],
    ["-0", -0, 0x8000],
    ["the smallest subnormal", 2 ** -24, 0x0001],
    ["half of it, a tie, to even", 2 ** -25, 0x0000],
    ["a little more than half of it", 2 ** -25 * 1.0001, 0x0001],
    ["one and a half of it, a tie, to even", 1.5 * 2 ** -24, 0x0002],
    ["between the largest subnormal and the smallest normal, a tie, to even", 1023.5 * 2 ** -24, 0x0400],
    ["1 + 2^-11, a tie, to even", 1 + 2 ** -11, 0x3c00],
    ["1 + 3·2^-11, a tie, to even", 1 + 3 * 2 ** -11, 0x3c02],
    ["a fraction that rounds up into the exponent", 1.9999, 0x4000],
    ["the smallest float32", 2 ** -149, 0x0000],
  ])("rounds %s", (_, value, bits) => {
    expect(half(value)).toBe(bits);
  });

  it.each([
    ["65504", 65504, 0x7bff],
    ["65519", 65519, 0x7bff],
    ["65520, which IEEE 754 rounds to infinity", 65520, 0x7bff],
    ["1e30", 1e30, 0x7bff],
    ["infinity", Number.POSITIVE_INFINITY, 0x7bff],
    ["-1e30", -1e30, 0xfbff],
    ["minus infinity", Number.NEGATIVE_INFINITY, 0xfbff],
  ])("clamps %s", (_, value, bits) => {
    expect(half(value)).toBe(bits);
  });

  it("keeps NaN", () => {
    expect(half(Number.NaN) & 0x7fff).toBe(0x7e00);
  });
});

describe("bfloat16", () => {
  it("is given back from float32", () => {
    const values = new Float32Array(65536);
    fromBfloat16(allBits, values);
    const back = new Uint16Array(65536);
    toBfloat16(values, back);
    const isNumber = (bits: number) => (bits & 0x7f80) !== 0x7f80 || (bits & 0x7f) === 0;
    expect([...allBits].filter((bits) => isNumber(bits) && back[bits] !== bits)).toEqual([]);
  });

  it.each([
    ["1 + 2^-8, a tie, to even", 1 + 2 ** -8, 0x3f80],
    ["1 + 3·2^-8, a tie, to even", 1 + 3 * 2 ** -8, 0x3f82],
    ["a little more than a tie", 1 + 2 ** -8 + 2 ** -20, 0x3f81],
    ["pi", Math.PI, 0x4049],
    ["NaN", Number.NaN, 0x7fc0],
  ])("rounds %s", (_, value, bits) => {
    const target = new Uint16Array(1);
    toBfloat16(Float32Array.of(value), target);
    expect(target[0]).toBe(bits);
  });
});

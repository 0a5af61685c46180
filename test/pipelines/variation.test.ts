import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { variedNoise } from "../../src/pipelines/variation.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { relativeDifference } from "../support/difference.ts";

interface Variation {
  shape: number[];
  seeds: [number, number];
  strength: number;
  noise: number[];
}
// Made by test/reference/make_image_fixtures.py with torch.
const { variations }: { variations: Variation[] } = JSON.parse(
  readFileSync("test/fixtures/images/variations.json", "utf8"),
);

const noise = (seed: number, count: number) => new TorchGenerator(seed).randn(count);

test.each(variations)("noise mixed at $strength is that of the formula in torch", (variation) => {
  const { shape, seeds, strength } = variation;
  const [first, second] = seeds.map((seed) => noise(seed, variation.noise.length));
  if (!first || !second) throw new Error("two seeds are stored");
  expect(relativeDifference(variedNoise(first, second, shape, strength), variation.noise)).toBeLessThan(1e-5);
});

test("the ends are the two noises themselves", () => {
  const shape = [1, 4, 8, 8];
  const [first, second] = [noise(1, 256), noise(2, 256)];
  expect(relativeDifference(variedNoise(first, second, shape, 0), first)).toBeLessThan(1e-6);
  expect(relativeDifference(variedNoise(first, second, shape, 1), second)).toBeLessThan(1e-6);
});

test("halfway the noise is as strong as at the ends", () => {
  const shape = [1, 4, 64, 64];
  const deviation = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  const mixed = variedNoise(noise(1, 4 * 64 * 64), noise(2, 4 * 64 * 64), shape, 0.5);
  expect(Math.abs(deviation(mixed) - 1)).toBeLessThan(0.02);
});

test("a noise mixed with itself stays itself", () => {
  const own = noise(5, 64);
  expect([...variedNoise(own, own, [1, 4, 4, 4], 0.3)]).toEqual([...own]);
});

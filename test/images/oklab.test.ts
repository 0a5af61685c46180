import { expect, test } from "vitest";
import { oklab, oklabDistance } from "../../src/images/oklab.ts";

// From Ottosson's page, "A perceptual color space for image processing", by way of CSS Color 4's examples.
test.each([
  ["black", [0, 0, 0], [0, 0, 0]],
  ["white", [255, 255, 255], [1, 0, 0]],
  ["red", [255, 0, 0], [0.628, 0.2249, 0.1258]],
  ["lime", [0, 255, 0], [0.8664, -0.2339, 0.1795]],
  ["blue", [0, 0, 255], [0.452, -0.0325, -0.3115]],
] as const)("%s", (_, [red, green, blue], expected) => {
  const color = oklab(red, green, blue);
  for (const [i, value] of expected.entries()) expect(color[i]).toBeCloseTo(value, 3);
});

test("black and white are 1 apart, a gray and the next hardly", () => {
  expect(oklabDistance(oklab(0, 0, 0), oklab(255, 255, 255))).toBeCloseTo(1, 6);
  expect(oklabDistance(oklab(128, 128, 128), oklab(129, 129, 129))).toBeCloseTo(0.0034, 3);
});

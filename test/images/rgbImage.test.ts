import { expect, test } from "vitest";
import { toPlanes, withoutAlpha } from "../../src/images/rgbImage.ts";

test("dropping opacity keeps the colors, also beneath clear pixels", () => {
  const image = { width: 2, height: 1, alpha: true as const, data: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 255) };
  expect(withoutAlpha(image)).toEqual({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
});

test("planes are red, green, blue from -1 to 1", () => {
  const planes = toPlanes({ width: 2, height: 1, data: Uint8Array.of(0, 255, 51, 255, 0, 102) });
  expect([...planes].map((value) => Number(value.toFixed(6)))).toEqual([-1, 1, 1, -1, -0.6, -0.2]);
});

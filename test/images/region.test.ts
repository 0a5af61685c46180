import { expect, test } from "vitest";
import { regionOf } from "../../src/images/region.ts";

const image = {
  width: 2,
  height: 2,
  alpha: true as const,
  data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
};

test("a rectangle within a picture", () => {
  expect(regionOf(image, { x: 1, y: 0, width: 1, height: 2 })).toEqual({
    width: 1,
    height: 2,
    alpha: true,
    data: Uint8Array.of(5, 6, 7, 8, 13, 14, 15, 16),
  });
});

test("beyond the picture its edge goes on, or nothing is there", () => {
  const region = { x: 1, y: -1, width: 2, height: 2 };
  const edge = regionOf(image, region, "edge");
  expect([...edge.data]).toEqual([5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8]);
  const clear = regionOf(image, region, "clear");
  expect([...clear.data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0]);
});

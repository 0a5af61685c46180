import { expect, test } from "vitest";
import { colorDifference, colorNamer, labOf, medianColor } from "../../../bench/accuracy/labColor.ts";

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(1)) + 0);

test("Lab has its published values for the corners of sRGB", () => {
  expect(rounded(labOf(255, 255, 255))).toEqual([100, 0, 0]);
  expect(rounded(labOf(0, 0, 0))).toEqual([0, 0, 0]);
  expect(rounded(labOf(255, 0, 0))).toEqual([53.2, 80.1, 67.2]);
  expect(rounded(labOf(0, 255, 0))).toEqual([87.7, -86.2, 83.2]);
  expect(rounded(labOf(0, 0, 255))).toEqual([32.3, 79.2, -107.9]);
});

test("the difference of two colors is their distance", () => {
  expect(colorDifference([50, 3, 0], [50, 0, 4])).toBe(5);
});

test("the median is taken of each value and ignores strays", () => {
  expect(
    medianColor([
      [1, 5, 9],
      [2, 4, 8],
      [3, 3, 7],
      [99, -99, 99],
      [2, 4, 8],
    ]),
  ).toEqual([2, 4, 8]);
});

test("a color is named by the nearest of the palette, or not at all", () => {
  const name = colorNamer({ red: [214, 32, 38], white: [248, 248, 246] });
  expect(name(labOf(220, 20, 40))).toBe("red");
  expect(name(labOf(255, 255, 255))).toBe("white");
  expect(name(labOf(0, 200, 0))).toBeUndefined();
});

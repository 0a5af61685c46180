import { expect, test } from "vitest";
import { contactSheet } from "../../../bench/accuracy/contactSheet.ts";
import type { TestCaption } from "../../../bench/accuracy/grammar.ts";
import type { Seen } from "../../../bench/accuracy/imageCheck.ts";
import { type Judged, measure } from "../../../bench/accuracy/measure.ts";
import { accuracyOf, reportOf } from "../../../bench/accuracy/report.ts";
import type { RgbImage } from "../../../src/images/rgbImage.ts";

const captions: TestCaption[] = [
  { text: "a red circle", scene: { shape: "circle", color: "red", background: "blue" }, heldOut: false },
  {
    text: "a small red ring",
    scene: { shape: "ring", color: "red", background: "blue", size: "small" },
    heldOut: true,
  },
  {
    text: "a large red ring",
    scene: { shape: "ring", color: "red", background: "blue", size: "large" },
    heldOut: false,
  },
];

function dot(value: number): RgbImage {
  return { width: 1, height: 1, data: Uint8Array.of(value, value, value) };
}

/** Judges as if the k-th picture showed the k-th of these. */
async function judgedAs(shown: Seen[]): Promise<Judged[]> {
  const seeds: [string, number][] = [];
  const judged: Judged[] = [];
  const draw = async (caption: string, seed: number) => {
    seeds.push([caption, seed]);
    return dot(seed);
  };
  for await (const one of measure(
    captions,
    10,
    draw,
    (image) => shown[(image.data[0] ?? 0) - 10] ?? { overlap: 0 },
  )) {
    judged.push(one);
  }
  expect(seeds).toEqual([
    ["a red circle", 10],
    ["a small red ring", 11],
    ["a large red ring", 12],
  ]);
  return judged;
}

const shown: Seen[] = [
  { shape: "circle", color: "red", background: "blue", size: "large", overlap: 0.95 },
  { shape: "ring", color: "red", background: "blue", size: "large", overlap: 0.9 },
  { overlap: 0, reason: "several figures" },
];

test("each picture is drawn with its own seed and judged by its caption", async () => {
  const judged = await judgedAs(shown);
  expect(judged.map(({ verdict }) => verdict.all)).toEqual([true, false, false]);
  expect(accuracyOf(judged)).toBeCloseTo(1 / 3);
  expect(accuracyOf([])).toBe(0);
});

test("the report counts by part, by word and by what training saw, and lists what was wrong", async () => {
  const lines = reportOf(await judgedAs(shown))
    .split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "));
  expect(lines).toEqual([
    "Right in everything the caption names",
    "overall 1 of 3 33.3 %",
    "",
    "Combinations in training",
    "seen 1 of 2 50.0 %",
    "held out 0 of 1 0.0 %",
    "",
    "Part by part",
    "shape 2 of 3 66.7 %",
    "color of the figure 2 of 3 66.7 %",
    "color of the ground 2 of 3 66.7 %",
    "size, where named 0 of 2 0.0 %",
    "",
    "By shape",
    "circle 1 of 1 100.0 %",
    "ring 0 of 2 0.0 %",
    "",
    "By color of the figure",
    "red 1 of 3 33.3 %",
    "",
    "By color of the ground",
    "blue 1 of 3 33.3 %",
    "",
    "By size",
    "large 0 of 1 0.0 %",
    "not named 1 of 1 100.0 %",
    "small 0 of 1 0.0 %",
    "",
    "Wrong",
    "2 a small red ring: large red ring on blue (overlap 0.90)",
    "3 a large red ring: several figures (overlap 0.00)",
  ]);
});

test("a contact sheet frames right pictures in green and wrong ones in red", () => {
  const sheet = contactSheet(
    [
      { image: dot(7), right: true },
      { image: dot(9), right: false },
      { image: dot(5), right: true },
    ],
    2,
  );
  expect([sheet.width, sheet.height]).toEqual([26, 26]);
  const at = (x: number, y: number) => [...sheet.data.subarray((y * 26 + x) * 3, (y * 26 + x) * 3 + 3)];
  expect(at(0, 0)).toEqual([235, 235, 235]);
  expect(at(4, 4)).toEqual([60, 170, 90]);
  expect(at(7, 7)).toEqual([7, 7, 7]);
  expect(at(15, 4)).toEqual([225, 40, 60]);
  expect(at(18, 7)).toEqual([9, 9, 9]);
  expect(at(7, 18)).toEqual([5, 5, 5]);
  expect(at(18, 18)).toEqual([235, 235, 235]);
});

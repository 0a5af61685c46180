import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Mask } from "../../src/images/mask.ts";
import { maskedArea, pasteBack } from "../../src/images/maskedArea.ts";
import { largestDifference } from "../support/difference.ts";

interface Fixtures {
  regions: {
    width: number;
    height: number;
    box: [number, number, number, number];
    drawn: [number, number];
    padding: number;
    region: [number, number, number, number];
  }[];
  overlays: {
    original: number[];
    mask: number[];
    drawn: number[];
    region: [number, number, number, number] | null;
    result: number[];
  }[];
}
// Made by test/reference/make_image_fixtures.py with diffusers.
const fixtures: Fixtures = JSON.parse(readFileSync("test/fixtures/images/masks.json", "utf8"));

/** White from the first corner of a box to the second, both included. */
function boxMask(width: number, height: number, [left, top, right, bottom]: readonly number[]): Mask {
  const data = new Uint8Array(width * height);
  for (let y = top ?? 0; y <= (bottom ?? 0); y++)
    data.fill(255, y * width + (left ?? 0), y * width + (right ?? 0) + 1);
  return { width, height, data };
}

test.each(fixtures.regions)(
  "the area around $box of $width x $height drawn as $drawn, with a margin of $padding, is diffusers'",
  ({ width, height, box, drawn, padding, region }) => {
    const size = { width: drawn[0], height: drawn[1] };
    const { x, y, width: across, height: down } = maskedArea(boxMask(width, height, box), size, padding);
    expect([x, y, x + across, y + down]).toEqual(region);
  },
);

test("a mask without white has no area", () => {
  const mask = { width: 4, height: 4, data: new Uint8Array(16) };
  expect(() => maskedArea(mask, { width: 64, height: 64 }, 0)).toThrow(
    "The mask is black everywhere: paint white what is to be drawn anew.",
  );
});

describe("pasting back", () => {
  test.each(fixtures.overlays)(
    "agrees with diffusers' apply_overlay to one level (region $region)",
    (overlay) => {
      const [x, y, right, bottom] = overlay.region ?? [0, 0, 16, 10];
      const original = { width: 16, height: 10, data: Uint8Array.from(overlay.original) };
      const drawn = { width: right - x, height: bottom - y, data: Uint8Array.from(overlay.drawn) };
      const mask = { width: 16, height: 10, data: Uint8Array.from(overlay.mask) };
      const result = pasteBack(original, drawn, mask, { x, y });
      expect(largestDifference(result.data, overlay.result)).toBeLessThanOrEqual(1);
      for (const [pixel, weight] of mask.data.entries()) {
        const own = (data: Uint8Array) => [...data.subarray(pixel * 3, pixel * 3 + 3)];
        if (weight === 0) expect(own(result.data)).toEqual(own(original.data));
        if (weight === 255 && overlay.region === null) expect(own(result.data)).toEqual(own(drawn.data));
      }
    },
  );

  test("opacity stays where nothing is painted; what is painted is solid and mixes with no hidden color", () => {
    const original = {
      width: 3,
      height: 1,
      alpha: true as const,
      data: Uint8Array.of(9, 8, 7, 6, 0, 0, 0, 0, 10, 20, 30, 255),
    };
    const drawn = { width: 3, height: 1, data: Uint8Array.of(200, 200, 200, 200, 100, 50, 110, 120, 130) };
    const mask = { width: 3, height: 1, data: Uint8Array.of(0, 51, 102) };
    expect([...pasteBack(original, drawn, mask).data]).toEqual([
      9, 8, 7, 6, 200, 100, 50, 51, 50, 60, 70, 255,
    ]);
  });

  test("a mask of another size is a mistake of the caller", () => {
    const image = { width: 1, height: 1, data: new Uint8Array(3) };
    expect(() => pasteBack(image, image, { width: 2, height: 1, data: new Uint8Array(2) })).toThrow(
      "A mask of 2x1 does not fit a picture of 1x1.",
    );
  });
});

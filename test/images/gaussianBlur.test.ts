import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blurredMask } from "../../src/images/gaussianBlur.ts";

interface Blur {
  width: number;
  height: number;
  radius: number;
  mask: number[];
  blurred: number[];
}
// Made by test/reference/make_image_fixtures.py with Pillow.
const { blurs }: { blurs: Blur[] } = JSON.parse(readFileSync("test/fixtures/images/masks.json", "utf8"));

test.each(blurs)("$width x $height by $radius equals Pillow's blur, byte for byte", (blur) => {
  const { width, height, radius } = blur;
  const blurred = blurredMask({ width, height, data: Uint8Array.from(blur.mask) }, radius);
  expect([...blurred.data]).toEqual(blur.blurred);
});

test("a radius of 0 leaves the mask as it is", () => {
  const mask = { width: 2, height: 1, data: Uint8Array.of(0, 255) };
  expect(blurredMask(mask, 0)).toBe(mask);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lanczosResampled } from "../../src/images/lanczos.ts";
import type { RasterImage } from "../../src/images/rgbImage.ts";
import { largestDifference } from "../support/difference.ts";

interface Resampling {
  width: number;
  height: number;
  channels: 3 | 4;
  data: number[];
  target: [number, number];
  resampled: number[];
}
// Made by test/reference/make_image_fixtures.py with Pillow.
const { pictures }: { pictures: Resampling[] } = JSON.parse(
  readFileSync("test/fixtures/images/resampled.json", "utf8"),
);

test.each(pictures)(
  "$width x $height with $channels channels becomes $target as Pillow has it",
  async ({ width, height, channels, data, target, resampled }) => {
    const bytes = Uint8Array.from(data);
    const image: RasterImage =
      channels === 4 ? { width, height, alpha: true, data: bytes } : { width, height, data: bytes };
    const result = await lanczosResampled(image, { width: target[0], height: target[1] });
    expect([result.width, result.height]).toEqual(target);
    // Colors beneath what is all but clear are divided by next to nothing.
    const seen = (values: ArrayLike<number>) =>
      Array.from(values, (value, i) =>
        channels === 4 && i % 4 !== 3 && (resampled[i - (i % 4) + 3] as number) < 32 ? 0 : value,
      );
    expect(largestDifference(seen(result.data), seen(resampled))).toBe(0);
  },
);

test("a ramp stays where it is when it grows: no part of a pixel to the side", async () => {
  const data = Uint8Array.from({ length: 48 * 3 }, (_, i) => Math.floor(i / 3) * 5);
  const { data: grown } = await lanczosResampled({ width: 48, height: 1, data }, { width: 64, height: 1 });
  for (let x = 8; x < 56; x++) {
    const center = ((x + 0.5) * 48) / 64 - 0.5;
    expect(Math.abs((grown[x * 3] as number) - center * 5)).toBeLessThan(1);
  }
});

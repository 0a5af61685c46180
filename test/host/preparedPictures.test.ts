// Pictures on their way to the model and back, against diffusers where it does the same
// (test/reference/make_pipeline_fixtures.py).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { preparePictures } from "../../src/host/preparedPictures.ts";
import { blurredMask } from "../../src/images/gaussianBlur.ts";
import { readImage } from "../../src/images/imageReading.ts";
import { readMask } from "../../src/images/mask.ts";
import { type RgbImage, withoutAlpha } from "../../src/images/rgbImage.ts";
import type { PipelineConfig } from "../../src/pipelines/pipelineConfig.ts";
import { readNpy } from "../support/npy.ts";

const fixtures = "test/fixtures/pipelines";
const pictures = join(fixtures, "pictures");
const config = { defaultSize: { width: 64, height: 64 }, sizeMultiple: 32 } as PipelineConfig;
const source = join(pictures, "source-128x96.png");
const mask = join(pictures, "mask-128x96.png");

async function pixels(file: string): Promise<RgbImage> {
  return withoutAlpha(await readImage(join(pictures, file)));
}

/** Mean difference of bytes. */
function meanDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  expect(one.length).toBe(other.length);
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.abs((one[i] as number) - (other[i] as number));
  return sum / one.length;
}

/** A picture of one color. */
function flat({ width, height }: { width: number; height: number }, level: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(level) };
}

describe("only the masked area", () => {
  interface Run {
    name: string;
    request: { maskCrop?: number; size: { width: number; height: number }; image: string; mask: string };
    preparedImage: string;
    preparedMask: string;
    innerPicture: string;
    picture: string;
  }
  const { runs }: { runs: Run[] } = JSON.parse(readFileSync(join(fixtures, "index.json"), "utf8"));
  const cropped = runs.filter(({ request }) => request.maskCrop !== undefined);

  // Lanczos differs between Pillow and libvips by a level here and there; what is cut and where it goes does not.
  it.each(cropped)("is cut out and put back as diffusers does: $name", async (run) => {
    const { size, maskCrop, image, mask: maskFile } = run.request;
    const request = {
      prompt: "",
      size,
      maskCrop,
      images: [join(pictures, image)],
      mask: join(pictures, maskFile),
    };
    const prepared = await preparePictures(request, config);
    const [picture] = prepared?.pictures ?? [];
    expect(meanDifference(picture?.image.data ?? [], (await pixels(run.preparedImage)).data)).toBeLessThan(1);
    const expectedMask = await readMask(join(pictures, run.preparedMask));
    expect(meanDifference(picture?.mask?.data ?? [], expectedMask.data)).toBeLessThan(4);

    const inner = readNpy(join(fixtures, run.innerPicture));
    const drawn = { ...size, data: inner.data as Uint8Array };
    const whole = await prepared?.finish(drawn, 0);
    expect([whole?.width, whole?.height]).toEqual([128, 96]);
    const expected = readNpy(join(fixtures, run.picture)).data as Uint8Array;
    expect(meanDifference(whole?.data ?? [], expected)).toBeLessThan(1);
  });

  it("is drawn in the bucket of its own proportions", async () => {
    const wide = join(pictures, "mask-128x96-wide.png");
    const request = { prompt: "", maskCrop: 0, images: [source], mask: wide };
    const { width = 0, height = 0 } = (await preparePictures(request, config))?.size ?? {};
    expect(width).toBeGreaterThan(height);
  });

  it("leaves the rest of the picture as it was, transparency too", async () => {
    const request = { prompt: "", maskCrop: 8, maskBlur: 2, images: [source], mask };
    const prepared = await preparePictures(request, config);
    const whole = await prepared?.finish(flat(prepared.size, 7), 0);
    const original = await readImage(source);
    const blurred = blurredMask(await readMask(mask), 2);
    let [kept, painted] = [0, 0];
    for (const [pixel, level] of blurred.data.entries()) {
      const at = pixel * 3;
      if (level === 0) {
        expect([...(whole?.data.subarray(at, at + 3) ?? [])]).toEqual([
          ...original.data.subarray(at, at + 3),
        ]);
        kept++;
      } else if (level === 255) {
        expect(whole?.data[at]).toBe(7);
        painted++;
      }
    }
    expect(kept).toBeGreaterThan(5000);
    expect(painted).toBeGreaterThan(100);
  });
});

describe("a grown picture", () => {
  it("is drawn at its own size, and keeps its pixels", async () => {
    const prepared = await preparePictures({ prompt: "", images: [source], grow: 16 }, config);
    expect(prepared?.size).toEqual({ width: 160, height: 128 });
    const whole = await prepared?.finish(flat({ width: 160, height: 128 }, 9), 0);
    const original = await readImage(source);
    for (const [y, x, expected] of [
      [0, 0, 9],
      [15, 80, 9],
      [127, 159, 9],
      [16, 16, original.data[0]],
      [16 + 95, 16 + 127, original.data[(95 * 128 + 127) * 3]],
    ] as const) {
      expect(whole?.data[(y * 160 + x) * 3]).toBe(expected);
    }
  });

  it("has its own mask too", async () => {
    const prepared = await preparePictures({ prompt: "", images: [source], grow: 16, mask }, config);
    const own = await readMask(mask);
    const all = prepared?.pictures[0]?.mask;
    for (const [y, x] of [
      [40, 80],
      [10, 10],
    ] as const) {
      expect(all?.data[(y + 16) * 160 + x + 16]).toBe(own.data[y * 128 + x]);
    }
    expect(all?.data[0]).toBe(255);
  });
});

it("masks of another size than the picture cover it", async () => {
  const request = { prompt: "", images: [join(pictures, "source-64.png")], mask, maskCrop: 0 };
  const prepared = await preparePictures(request, config);
  expect(prepared?.pictures[0]?.mask?.width).toBe(prepared?.size.width);
});

import { describe, expect, test } from "vitest";
import { fitImage, fitToSource, onWhite, placementOf } from "../../src/images/fitting.ts";
import type { RasterImage } from "../../src/images/rgbImage.ts";
import { twoColors } from "./testRecord.ts";

const red = [220, 30, 40];
const blue = [20, 60, 230];

function pixel(image: RasterImage, x: number, y: number): number[] {
  const channels = image.alpha ? 4 : 3;
  const at = (y * image.width + x) * channels;
  return [...image.data.subarray(at, at + channels)];
}

/** Red with a green stripe of two pixels along the left and the right edge. */
function striped(width: number, height: number): RasterImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    data.set(x < 2 || x >= width - 2 ? [0, 200, 0] : red, i * 3);
  }
  return { width, height, data };
}

describe("where a picture goes", () => {
  test("cover takes the middle of the source", () => {
    expect(placementOf({ width: 300, height: 100 }, { width: 64, height: 64 }, "cover")).toEqual({
      from: { x: 100, y: 0, width: 100, height: 100 },
      to: { x: 0, y: 0, width: 64, height: 64 },
    });
  });

  test("contain puts the whole source into the middle", () => {
    expect(placementOf({ width: 300, height: 100 }, { width: 64, height: 64 }, "contain")).toEqual({
      from: { x: 0, y: 0, width: 300, height: 100 },
      to: { x: 0, y: 22, width: 64, height: 21 },
    });
  });

  test("a line of pixels still has a pixel", () => {
    const { to } = placementOf({ width: 10_000, height: 1 }, { width: 64, height: 64 }, "contain");
    expect(to).toEqual({ x: 0, y: 32, width: 64, height: 1 });
    const { from } = placementOf({ width: 10_000, height: 1 }, { width: 64, height: 64 }, "cover");
    expect(from).toEqual({ x: 5000, y: 0, width: 1, height: 1 });
  });
});

test("a picture of the right size is not touched, whatever the fit", async () => {
  const image = twoColors(16, 8);
  for (const fit of ["cover", "contain", "stretch"] as const) {
    expect(await fitImage(image, { width: 16, height: 8 }, fit)).toBe(image);
  }
});

test("cover cuts off both sides evenly and keeps the proportions", async () => {
  const image = await fitImage(striped(96, 64), { width: 32, height: 32 }, "cover");
  expect([image.width, image.height]).toEqual([32, 32]);
  for (let x = 0; x < 32; x++) expect(pixel(image, x, 16)).toEqual(red);
});

test("stretch keeps both sides", async () => {
  const image = await fitImage(twoColors(64, 16), { width: 32, height: 32 }, "stretch");
  expect(pixel(image, 2, 30)).toEqual(red);
  expect(pixel(image, 29, 1)).toEqual(blue);
});

describe("contain", () => {
  test("repeats the edge of a picture without alpha", async () => {
    const image = await fitImage(twoColors(32, 16), { width: 32, height: 32 }, "contain");
    expect([pixel(image, 0, 0), pixel(image, 31, 0)]).toEqual([red, blue]);
    expect([pixel(image, 0, 31), pixel(image, 31, 31)]).toEqual([red, blue]);
    expect(image.alpha).toBeUndefined();
  });

  test("leaves the sides of a picture with alpha clear", async () => {
    const data = new Uint8Array(8 * 4 * 4).fill(200);
    const image = await fitImage(
      { width: 8, height: 4, alpha: true, data },
      { width: 8, height: 8 },
      "contain",
    );
    expect(pixel(image, 3, 1)).toEqual([0, 0, 0, 0]);
    expect(pixel(image, 3, 2)).toEqual([200, 200, 200, 200]);
    expect(pixel(image, 3, 6)).toEqual([0, 0, 0, 0]);
  });
});

test("colors beneath clear pixels do not bleed into what is seen", async () => {
  const data = new Uint8Array(16 * 16 * 4);
  for (let i = 0; i < 256; i++) data.set(i % 16 < 8 ? [255, 0, 255, 0] : [10, 200, 30, 255], i * 4);
  const image = await fitImage(
    { width: 16, height: 16, alpha: true, data },
    { width: 6, height: 6 },
    "stretch",
  );
  for (let x = 3; x < 6; x++) {
    const [r = 0, g = 0, b = 0] = pixel(image, x, 3);
    expect(Math.max(Math.abs(r - 10), Math.abs(g - 200), Math.abs(b - 30))).toBeLessThanOrEqual(3);
  }
});

describe("back to the source's size", () => {
  test("contain's filling is cut off", async () => {
    const source = twoColors(48, 16);
    const result = await fitImage(source, { width: 64, height: 64 }, "contain");
    // What a model would have drawn into the filling does not come back.
    for (let i = 0; i < 64 * 64; i++) {
      if (i / 64 < 21 || i / 64 >= 43) result.data.set([0, 255, 0], i * 3);
    }
    const back = await fitToSource(result, source, "contain");
    expect([back.width, back.height]).toEqual([48, 16]);
    for (const y of [0, 15]) expect([pixel(back, 1, y), pixel(back, 46, y)]).toEqual([red, blue]);
  });

  test("stretch and cover give the size too", async () => {
    const result = twoColors(64, 64);
    const source = { width: 50, height: 20 };
    expect(await fitToSource(result, source, "stretch")).toMatchObject(source);
    expect(await fitToSource(result, source, "cover")).toMatchObject(source);
  });
});

test("on white, clear is white, half is half, and solid stays", () => {
  const data = Uint8Array.of(0, 0, 0, 0, 100, 0, 200, 128, 1, 2, 3, 255);
  expect([...onWhite({ width: 3, height: 1, alpha: true, data }).data]).toEqual([
    255, 255, 255, 177, 127, 227, 1, 2, 3,
  ]);
});

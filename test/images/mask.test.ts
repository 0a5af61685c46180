import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { binarized, fitMask, type Mask, maskOf, readMask } from "../../src/images/mask.ts";

function mask(width: number, ...values: number[]): Mask {
  return { width, height: values.length / width, data: Uint8Array.from(values) };
}

test("brightness counts, weighed as Pillow weighs colors", () => {
  const data = Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 12, 200, 77);
  expect([...maskOf({ width: 6, height: 1, data }).data]).toEqual([255, 0, 76, 150, 29, 130]);
});

test("what is clear is kept, whatever its color", () => {
  const data = Uint8Array.of(255, 255, 255, 0, 255, 255, 255, 128, 255, 255, 255, 255, 0, 0, 0, 255);
  expect([...maskOf({ width: 4, height: 1, alpha: true, data }).data]).toEqual([0, 128, 255, 0]);
});

test("a gray file is read as it is", async () => {
  const file = await sharp(Uint8Array.of(0, 100, 255, 7), { raw: { width: 2, height: 2, channels: 1 } })
    .png()
    .toBuffer();
  expect(await readMask(file)).toEqual(mask(2, 0, 100, 255, 7));
});

describe("another size", () => {
  test("whole multiples stay hard", () => {
    const larger = fitMask(mask(2, 0, 255, 255, 0), { width: 4, height: 4 }, "stretch");
    const row = [0, 0, 255, 255];
    const turned = [255, 255, 0, 0];
    expect([...larger.data]).toEqual([...row, ...row, ...turned, ...turned]);
    expect(fitMask(larger, { width: 2, height: 2 }, "stretch")).toEqual(mask(2, 0, 255, 255, 0));
  });

  test("in between, a pixel has the mean of the area it covers", () => {
    expect([...fitMask(mask(3, 0, 255, 0), { width: 2, height: 1 }, "stretch").data]).toEqual([85, 85]);
    expect([...fitMask(mask(2, 10, 30), { width: 3, height: 1 }, "stretch").data]).toEqual([10, 20, 30]);
  });

  test("cover cuts as it cuts the picture", () => {
    const cut = fitMask(mask(4, 9, 0, 255, 8), { width: 2, height: 1 }, "cover");
    expect([...cut.data]).toEqual([0, 255]);
    expect([...fitMask(mask(4, 9, 0, 255, 8), { width: 2, height: 2 }, "cover").data]).toEqual([
      255, 255, 255, 255,
    ]);
  });

  test("contain keeps what it fills up", () => {
    const filled = fitMask(mask(2, 255, 255), { width: 2, height: 3 }, "contain");
    expect([...filled.data]).toEqual([0, 0, 255, 255, 0, 0]);
  });
});

test("from one half up a pixel is painted", () => {
  expect([...binarized(mask(4, 0, 127, 128, 255))]).toEqual([0, 0, 1, 1]);
});

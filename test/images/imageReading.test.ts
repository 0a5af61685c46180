import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readImage } from "../../src/images/imageReading.ts";
import { twoColors } from "./testRecord.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-images-"));
});
afterAll(() => rm(folder, { recursive: true }));

const red = [220, 30, 40];
const blue = [20, 60, 230];

function source(width = 16, height = 8) {
  return sharp(twoColors(width, height).data, { raw: { width, height, channels: 3 } });
}

const pixel = (data: Uint8Array, index: number, channels: number) => [
  ...data.subarray(index * channels, (index + 1) * channels),
];

test("pixels of a lossless file come back as they were", async () => {
  const image = await readImage(await source().png().toBuffer());
  expect(image).toEqual(twoColors());
});

test("EXIF's orientation is applied: a picture turned by 90° stands upright", async () => {
  const turned = await source().withMetadata({ orientation: 6 }).png().toBuffer();
  const { width, height, data } = await readImage(turned);
  expect([width, height]).toEqual([8, 16]);
  expect(pixel(data, 0, 3)).toEqual(red);
  expect(pixel(data, 8 * 16 - 1, 3)).toEqual(blue);
});

test("opacity is kept", async () => {
  const half = await sharp({
    create: { width: 2, height: 2, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0.5 } },
  })
    .png()
    .toBuffer();
  const image = await readImage(half);
  expect(image.alpha).toBe(true);
  expect(pixel(image.data, 0, 4)).toEqual([9, 8, 7, 128]);
});

test("16 bits become 8", async () => {
  const deep = await source().toColourspace("rgb16").png().toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe("ushort");
  const { data } = await readImage(deep);
  expect(pixel(data, 0, 3)).toEqual(red);
});

test("gray, also of 16 bits and with opacity, becomes RGB", async () => {
  const gray = await sharp(Buffer.alloc(4, 100), { raw: { width: 2, height: 2, channels: 1 } })
    .png()
    .toBuffer();
  expect((await readImage(gray)).data).toEqual(new Uint8Array(12).fill(100));
  const deep = await sharp(gray).toColourspace("grey16").png().toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe("ushort");
  expect((await readImage(deep)).data).toEqual(new Uint8Array(12).fill(100));
  const clear = await sharp(Buffer.alloc(8, 100), { raw: { width: 2, height: 2, channels: 2 } })
    .png()
    .toBuffer();
  expect(await readImage(clear)).toMatchObject({ alpha: true, data: new Uint8Array(16).fill(100) });
});

test("a palette becomes RGB", async () => {
  const { data } = await readImage(await source().png({ palette: true }).toBuffer());
  expect(pixel(data, 0, 3).map((value, i) => Math.abs(value - (red[i] ?? 0)))).toEqual([0, 0, 0]);
});

test("CMYK becomes RGB", async () => {
  const cmyk = await source(32, 32)
    .toColourspace("cmyk")
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .toBuffer();
  expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
  const { data, alpha } = await readImage(cmyk);
  expect(alpha).toBeUndefined();
  const [r = 0, g = 0, b = 0] = pixel(data, 0, 3);
  expect(r).toBeGreaterThan(170);
  expect(Math.max(g, b)).toBeLessThan(90);
});

test("of an animation the first frame is taken", async () => {
  const frames = Buffer.concat([Buffer.alloc(48, 200), Buffer.alloc(48, 10)]);
  const animation = await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
    .gif({ delay: 100 })
    .toBuffer();
  const { width, height, data } = await readImage(animation);
  expect([width, height]).toEqual([4, 4]);
  expect(Math.abs((data[0] ?? 0) - 200)).toBeLessThan(4);
});

describe("what cannot be read gets one sentence", () => {
  test("a file that is not there", async () => {
    const file = join(folder, "nothing.png");
    await expect(readImage(file)).rejects.toMatchObject({
      code: "image-unreadable",
      message: `${file} does not exist. Check the path.`,
    });
  });

  test("a file that is no picture", async () => {
    const file = join(folder, "text.png");
    await writeFile(file, "not a picture");
    await expect(readImage(file)).rejects.toThrow(`${file} cannot be read as a picture: `);
  });

  test("a drawing in SVG, which could refer to other files", async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>',
    );
    await expect(readImage(svg, "icon.svg")).rejects.toThrow(
      "icon.svg cannot be read as a picture: its format is svg. Save it as PNG or JPEG.",
    );
  });

  test("a picture that is cut short", async () => {
    const whole = await source(64, 64).png({ compressionLevel: 0 }).toBuffer();
    await expect(readImage(whole.subarray(0, 2000), "half.png")).rejects.toMatchObject({
      code: "image-unreadable",
    });
  });

  test("a picture whose header claims too many pixels", async () => {
    const huge = await source().png().toBuffer();
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    const { crc32 } = await import("../../src/images/crc32.ts");
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    await expect(readImage(huge, "bomb.png")).rejects.toThrow("it has more than 134,217,728 pixels");
  });
});

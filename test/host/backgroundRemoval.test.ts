import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeBackground } from "../../src/host/backgroundRemoval.ts";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { readParameters } from "../../src/images/parametersReading.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";
import { testRecord, twoColors } from "../images/testRecord.ts";

const size = 64;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-background-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A red square in the middle of blue. */
function square(): RgbImage {
  const inside = (at: number) => at >= 20 && at < 44;
  const data = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const isSquare = inside(pixel % size) && inside(Math.floor(pixel / size));
    data.set(isSquare ? [220, 30, 40] : [20, 60, 230], pixel * 3);
  }
  return { width: size, height: size, data };
}

function remove(file: string, result: string, signal = new AbortController().signal) {
  return removeBackground({ file, result }, [folder], signal);
}

test("what surrounds the figure becomes clear, in a new file that says how it was made", async () => {
  const file = join(folder, "square.png");
  writeFileSync(file, await encodeImage(square(), "png", describeGeneration(testRecord())));
  const written = await remove(file, file);
  expect(written).toEqual({ file: join(folder, "square-2.png"), width: size, height: size });
  const { data } = await sharp(written.file).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [...data.subarray((y * size + x) * 4, (y * size + x) * 4 + 4)];
  expect(pixel(32, 32)).toEqual([220, 30, 40, 255]);
  expect([pixel(2, 2)[3], pixel(60, 32)[3]]).toEqual([0, 0]);
  const [before, after] = await Promise.all([readParameters(file), readParameters(written.file)]);
  expect(after?.request).toEqual({ ...before?.request, transparent: true });
  expect(after?.parameters).toEqual(before?.parameters);
});

test("an image without parameters gets none, and JPEG becomes what the name asks for", async () => {
  const file = join(folder, "photo.jpg");
  writeFileSync(file, await encodeImage(square(), "jpeg"));
  const written = await remove(file, join(folder, "photo.webp"));
  expect(await readParameters(written.file)).toBeUndefined();
  expect((await sharp(written.file).metadata()).hasAlpha).toBe(true);
});

test("a background that is not flat is refused, with the file's name", async () => {
  const file = join(folder, "two.png");
  writeFileSync(file, await encodeImage(twoColors(size, size), "png"));
  const before = readdirSync(folder);
  await expect(remove(file, file)).rejects.toMatchObject({
    code: "background-not-flat",
    message: expect.stringContaining(file),
  });
  expect(readdirSync(folder)).toEqual(before);
});

test.each([
  ["JPEG, which has no transparency", "a.jpg", "invalid-request"],
  ["a place outside the roots", "../a.png", "write-failed"],
])("%s is refused", async (_name, result, code) => {
  const file = join(folder, "other.png");
  writeFileSync(file, await encodeImage(square(), "png"));
  await expect(remove(file, join(folder, result))).rejects.toMatchObject({ code });
});

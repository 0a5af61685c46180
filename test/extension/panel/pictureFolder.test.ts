import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPicture } from "../../../src/extension/panel/pictureFile.ts";
import { PictureFolder } from "../../../src/extension/panel/pictureFolder.ts";
import { pictureTypeOf } from "../../../src/extension/panel/pictureType.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-pictures-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const png = (...rest: readonly number[]) => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...rest]);
const none = new Set<string>();

test("a picture is kept whole, once, under the hash of its bytes", async () => {
  const pictures = new PictureFolder(join(folder, "pictures"));
  const file = await pictures.keep(png(1), "image/png", none);
  expect(await pictures.keep(png(1), "image/png", none)).toBe(file);
  expect(file).toMatch(/[0-9a-f]{32}\.png$/);
  expect(readFileSync(file)).toEqual(Buffer.from(png(1)));
  expect(readdirSync(join(folder, "pictures"))).toHaveLength(1);
  expect([pictures.has(file), pictures.has(join(folder, "a.png"))]).toEqual([true, false]);
});

test("what was used longest ago leaves first, and what is in use stays", async () => {
  const pictures = new PictureFolder(folder, { files: 2, bytes: 1000 });
  const files: string[] = [];
  for (const number of [1, 2, 3]) {
    const file = await pictures.keep(png(number), "image/png", new Set(files.slice(0, 1)));
    utimesSync(file, number, number);
    files.push(file);
  }
  expect(
    readdirSync(folder)
      .map((name) => join(folder, name))
      .sort(),
  ).toEqual([files[0], files[2]].sort());
});

test("no more bytes are kept than there may be", async () => {
  const pictures = new PictureFolder(folder, { files: 100, bytes: 20 });
  const first = await pictures.keep(png(1, 1, 1), "image/png", none);
  utimesSync(first, 1, 1);
  const second = await pictures.keep(png(2, 2, 2), "image/png", none);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([second]);
});

test("a picture is what its bytes are, whatever its name says", async () => {
  const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  expect(pictureTypeOf(png())).toBe("image/png");
  expect(pictureTypeOf(bytesOf("\xff\xd8\xff\xe0"))).toBe("image/jpeg");
  expect(pictureTypeOf(bytesOf("RIFF\0\0\0\0WEBP"))).toBe("image/webp");
  expect(pictureTypeOf(bytesOf("\0\0\0\x1cftypavif"))).toBe("image/avif");
  expect(pictureTypeOf(bytesOf("GIF89a"))).toBe("image/gif");
  expect(pictureTypeOf(bytesOf("<svg></svg>"))).toBeUndefined();
  const file = join(folder, "a.png");
  writeFileSync(file, "<svg></svg>");
  await expect(readPicture(file)).rejects.toThrow(
    "a.png is not a PNG, JPEG, WebP, AVIF or GIF: choose a picture of one of these.",
  );
  await expect(readPicture(join(folder, "b.png"))).rejects.toThrow("b.png cannot be read");
});

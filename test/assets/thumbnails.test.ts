import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Thumbnails } from "../../src/assets/thumbnails.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { sharp } from "../../src/images/sharp.ts";
import { twoColors } from "../images/testRecord.ts";

let base: string;
let root: string;
let directory: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "limner-thumbnails-")));
  [root, directory] = [join(base, "workspace"), join(base, "cache")];
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function write(name: string, width: number, height: number): Promise<string> {
  const file = join(root, name);
  writeFileSync(file, await encodeImage(twoColors(width, height), "png"));
  return file;
}

describe("a thumbnail", () => {
  it("is the picture, small, as WebP", async () => {
    const file = await write("a.png", 600, 300);
    const { width, height, data } = await new Thumbnails({ directory }).of(file, [root], 100);
    expect([width, height]).toEqual([100, 50]);
    const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 100, height: 50, channels: 3 });
    const at = (x: number) => [...pixels.subarray((25 * 100 + x) * 3, (25 * 100 + x) * 3 + 3)];
    const near = (values: number[], expected: number[]) =>
      values.every((value, i) => Math.abs(value - (expected[i] ?? 0)) < 16);
    expect([near(at(10), [220, 30, 40]), near(at(90), [20, 60, 230])]).toEqual([true, true]);
  });

  it("has 256 pixels by default, and is never larger than its picture", async () => {
    const thumbnails = new Thumbnails({ directory });
    expect(await thumbnails.of(await write("a.png", 512, 512), [root])).toMatchObject({ width: 256 });
    expect(await thumbnails.of(await write("b.png", 40, 20), [root])).toMatchObject({
      width: 40,
      height: 20,
    });
  });

  it("is made once for a file, size and time, and kept", async () => {
    const file = await write("a.png", 600, 300);
    const first = await new Thumbnails({ directory }).of(file, [root], 100);
    utimesSync(file, 7, 7);
    const thumbnails = new Thumbnails({ directory });
    await thumbnails.of(file, [root], 100);
    const again = await thumbnails.of(file, [root], 100);
    expect(again).toEqual(first);
    expect(readdirSync(directory)).toHaveLength(2);
    await Promise.all([thumbnails.of(file, [root], 50), thumbnails.of(file, [root], 50)]);
    expect(readdirSync(directory)).toHaveLength(3);
  });

  it("is made again where what was kept is damaged or cannot be kept", async () => {
    const file = await write("a.png", 600, 300);
    await new Thumbnails({ directory }).of(file, [root], 100);
    const [kept = ""] = readdirSync(directory);
    writeFileSync(join(directory, kept), "damaged");
    expect(await new Thumbnails({ directory }).of(file, [root], 100)).toMatchObject({ width: 100 });
    rmSync(directory, { recursive: true });
    writeFileSync(directory, "a file");
    expect(await new Thumbnails({ directory }).of(file, [root], 100)).toMatchObject({ width: 100 });
  });

  it("makes room for others in the folder", async () => {
    const thumbnails = new Thumbnails({ directory, limit: 0 });
    await thumbnails.of(await write("a.png", 30, 30), [root]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is refused outside of the roots, by .. and by a link too", async () => {
    await write("a.png", 30, 30);
    const outside = join(base, "secret.png");
    writeFileSync(outside, await encodeImage(twoColors(), "png"));
    symlinkSync(outside, join(root, "link.png"));
    const thumbnails = new Thumbnails({ directory });
    for (const file of [outside, `${root}/../secret.png`, join(root, "link.png")]) {
      await expect(thumbnails.of(file, [root])).rejects.toMatchObject({
        code: "image-unreadable",
        message: `${file} was not read: it is not below ${root}. Choose an image in there.`,
      });
    }
    await expect(thumbnails.of(outside, [])).rejects.toThrow("there is no folder to read from");
    await expect(thumbnails.of(join(root, "missing.png"), [root])).rejects.toThrow(
      "cannot be opened (ENOENT)",
    );
    expect(await thumbnails.of(join(root, "a.png"), [root])).toMatchObject({ width: 30 });
  });

  it("is refused for what is no picture", async () => {
    writeFileSync(join(root, "a.png"), "text");
    await expect(new Thumbnails({ directory }).of(join(root, "a.png"), [root])).rejects.toMatchObject({
      code: "image-unreadable",
    });
  });
});

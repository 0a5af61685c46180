import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { comparisonOf, sourceOf } from "../../../../src/extension/panel/gallery/comparison.ts";
import { encodeImage } from "../../../../src/images/imageEncoding.ts";
import { twoColors } from "../../../images/testRecord.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-compare-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the source of an image lies beside it, whatever folder the image names", () => {
  const image = { file: "/w/art/sun-2.png", path: "art/sun-2.png" };
  const source = { file: join("/w/art", "sun.png"), path: "art/sun.png" };
  for (const named of ["sun.png", "/etc/sun.png", "../../sun.png", "C:\\x\\sun.png"]) {
    expect(sourceOf(image, { images: [named] })).toEqual(source);
  }
});

test.each([[undefined], [[".."]], [["/"]], [["a/.."]]])("%j names no source", (images) => {
  expect(() => sourceOf({ file: "/w/a.png", path: "a.png" }, { images })).toThrow(
    "a.png was not made of another picture",
  );
});

test("both pictures come with their types and bytes, by what they are and not by their names", async () => {
  const [png, webp] = await Promise.all([encodeImage(twoColors(), "png"), encodeImage(twoColors(), "webp")]);
  writeFileSync(join(folder, "a.png"), png);
  writeFileSync(join(folder, "b.png"), webp);
  const of = (name: string) => ({ file: join(folder, name), path: name });
  const { left, right } = await comparisonOf(of("a.png"), of("b.png"));
  expect([left.path, left.mimeType, Buffer.from(left.bytes).equals(png)]).toEqual([
    "a.png",
    "image/png",
    true,
  ]);
  expect([right.mimeType, Buffer.from(right.bytes).equals(webp)]).toEqual(["image/webp", true]);
  writeFileSync(join(folder, "secret.png"), "text");
  await expect(comparisonOf(of("a.png"), of("secret.png"))).rejects.toMatchObject({
    code: "image-unreadable",
  });
  await expect(comparisonOf(of("gone.png"), of("a.png"))).rejects.toMatchObject({ code: "image-unreadable" });
});

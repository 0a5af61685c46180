import { expect, test } from "vitest";
import { imageFormatOf, requireImageFormat } from "../../src/images/imageFormat.ts";

test("the extension tells the format, whatever its case", () => {
  expect(["a.png", "a.JPG", "a.jpeg", "b/c.WebP", "d.avif"].map(imageFormatOf)).toEqual([
    "png",
    "jpeg",
    "jpeg",
    "webp",
    "avif",
  ]);
  expect(imageFormatOf("png")).toBeUndefined();
});

test("another extension is refused by name, with those there are", () => {
  expect(() => requireImageFormat("out/cat.gif")).toThrow(
    "out/cat.gif does not say in which format to write: end its name with .png, .jpg, .webp or .avif.",
  );
});

import { expect, test } from "vitest";
import { countText, describeImage, factsOf, nameOf } from "../../../webview/gallery/imageText.ts";
import { galleryImage } from "./galleryImage.ts";

test("an image is described by its prompt, name and size", () => {
  expect(describeImage(galleryImage("cat"), false)).toBe("a cat, cat.png, 64 × 32");
  expect(describeImage(galleryImage("cat", { prompt: " " }), true)).toBe(
    "No prompt, cat.png, 64 × 32, selected for compare",
  );
});

test("what an image does not say is left out of its facts", () => {
  expect(factsOf(galleryImage("cat"))).toBe("64 × 32 · seed 7 · tiny");
  expect(factsOf(galleryImage("cat", { seed: undefined, model: undefined }))).toBe("64 × 32");
});

test("a name is what is behind the last folder", () => {
  expect(nameOf({ path: "a/b/c d.png" })).toBe("c d.png");
  expect(nameOf({ path: "C:\\a\\b.png" })).toBe("b.png");
});

test.each<[number, number, number | undefined, string]>([
  [1, 1, 1, "1 image"],
  [1000, 1000, 1000, "1,000 images"],
  [0, 5, 5, "0 of 5 images"],
  [60, 60, undefined, "60 newest images"],
  [3, 60, undefined, "3 of 60 newest images"],
  [10_000, 10_000, 12_345, "10,000 newest of 12,345 images"],
  [3, 10_000, 12_345, "3 of 10,000 newest of 12,345 images"],
])("%i shown of %i known of %i: %s", (shown, known, total, text) => {
  expect(countText(shown, known, total)).toBe(text);
});

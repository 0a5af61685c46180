import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GalleryPlaces } from "../../../../src/extension/panel/gallery/galleryPlaces.ts";

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "limner-places-")));
  mkdirSync(join(base, "real", "inner"), { recursive: true });
  symlinkSync(join(base, "real"), join(base, "link"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const listed = (...parts: string[]) => ({
  file: join(base, ...parts),
  width: 1,
  height: 1,
  bytes: 1,
  modified: 1,
  prompt: "",
});

test("a folder that was opened by a link names its images by the link", async () => {
  const places = await GalleryPlaces.of([{ name: "link", path: join(base, "link") }]);
  expect(places.imageOf(listed("real", "art", "a.png"))).toMatchObject({
    file: join(base, "link", "art", "a.png"),
    path: "art/a.png",
  });
  expect(places.imageOf(listed("other", "b.png")).path).toBe(join(base, "other", "b.png"));
});

test("of several folders, each image's path names its own, the innermost", async () => {
  const places = await GalleryPlaces.of([
    { name: "all", path: join(base, "real") },
    { name: "inner", path: join(base, "real", "inner") },
  ]);
  expect(places.imageOf(listed("real", "a.png")).path).toBe("all/a.png");
  expect(places.imageOf(listed("real", "inner", "b.png")).path).toBe("inner/b.png");
});

import { describe, expect, test } from "vitest";
import type { GalleryImage } from "../../../src/protocol/panel/gallery.ts";
import {
  emptyGallery,
  type GalleryEvent,
  type GalleryState,
  mostThumbnails,
  reduceGallery,
  selectedImage,
} from "../../../webview/gallery/galleryState.ts";
import { galleryImage } from "./galleryImage.ts";

const told = (images: readonly GalleryImage[], change: object = {}): GalleryEvent => ({
  kind: "gallery",
  isNew: false,
  images: [...images],
  gone: [],
  total: images.length,
  isComplete: true,
  hasFolder: true,
  ...change,
});
const happened = (...events: readonly GalleryEvent[]): GalleryState =>
  events.reduce(reduceGallery, emptyGallery);
const names = ({ shown }: GalleryState) => shown.map(({ prompt }) => prompt);
const [ant, bee, cat, dog] = ["ant", "bee", "cat", "dog"].map((word, index) =>
  galleryImage(word, { modified: 10 - index }),
) as [GalleryImage, GalleryImage, GalleryImage, GalleryImage];

describe("the list", () => {
  test("is of the newest first, in whatever order it is told of", () => {
    expect(names(happened(told([cat, ant]), told([bee])))).toEqual(["a ant", "a bee", "a cat"]);
  });

  test("changes by what is told, and begins anew where that is", () => {
    const state = happened(
      told([ant, bee]),
      told([{ ...bee, modified: 99, prompt: "a new bee" }], { gone: [ant.file] }),
    );
    expect(names(state)).toEqual(["a new bee"]);
    expect(names(reduceGallery(state, told([cat], { isNew: true })))).toEqual(["a cat"]);
  });

  test("is filtered by words of prompt, path and model, also what comes later", () => {
    const other = galleryImage("elk", { model: "Large-Model", path: "zoo/big elk.png" });
    const state = happened(told([ant, other]), { kind: "filterGallery", text: " ZOO large " });
    expect(names(state)).toEqual(["a elk"]);
    expect(
      names(reduceGallery(state, told([cat, { ...cat, file: "/z", path: "zoo/z", model: "large" }]))),
    ).toEqual(["a cat", "a elk"]);
    expect(names(reduceGallery(state, { kind: "filterGallery", text: "" }))).toHaveLength(2);
  });
});

describe("the selection", () => {
  const selecting = (file: string) => happened(told([ant, bee, cat, dog]), { kind: "selectImage", file });

  test("stays with its image", () => {
    const state = reduceGallery(selecting(bee.file), told([galleryImage("new", { modified: 99 })]));
    expect(selectedImage(state)).toEqual(bee);
  });

  test("of an image that is gone passes to the next, of the last to the one before", () => {
    const afterBee = reduceGallery(selecting(bee.file), told([], { gone: [bee.file] }));
    expect(selectedImage(afterBee)).toEqual(cat);
    const afterDog = reduceGallery(selecting(dog.file), told([], { gone: [dog.file, cat.file] }));
    expect(selectedImage(afterDog)).toEqual(bee);
    const afterAll = reduceGallery(afterDog, told([], { gone: [ant.file, bee.file] }));
    expect(selectedImage(afterAll)).toBeUndefined();
  });

  test("is not shown where the filter leaves it out", () => {
    const state = reduceGallery(selecting(bee.file), { kind: "filterGallery", text: "cat" });
    expect(selectedImage(state)).toBeUndefined();
    expect(selectedImage(reduceGallery(state, { kind: "filterGallery", text: "" }))).toEqual(bee);
  });
});

describe("small pictures", () => {
  const picture = (file: string, data = "AA=="): GalleryEvent => ({
    kind: "galleryThumbnail",
    file,
    modified: 5,
    picture: { mimeType: "image/webp", data },
  });

  test("are addresses of their bytes, or say that there are none", () => {
    const state = happened(told([ant, bee]), picture(ant.file), {
      kind: "galleryThumbnail",
      file: bee.file,
      modified: 6,
    });
    expect(state.thumbnails.get(ant.file)).toEqual({ modified: 5, url: "data:image/webp;base64,AA==" });
    expect(state.thumbnails.get(bee.file)).toEqual({ modified: 6, url: undefined });
    expect(reduceGallery(state, told([], { gone: [ant.file] })).thumbnails.has(ant.file)).toBe(false);
  });

  test("are kept up to a number: those that came first leave", () => {
    const files = Array.from({ length: mostThumbnails + 2 }, (_, index) => `/w/${index}.png`);
    const { thumbnails } = happened(...files.map((file) => picture(file)));
    expect(thumbnails.size).toBe(mostThumbnails);
    expect([...thumbnails.keys()][0]).toBe("/w/2.png");
  });
});

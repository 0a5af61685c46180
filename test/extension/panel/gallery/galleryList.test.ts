import { describe, expect, test } from "vitest";
import { GalleryList } from "../../../../src/extension/panel/gallery/galleryList.ts";
import { GalleryPlaces } from "../../../../src/extension/panel/gallery/galleryPlaces.ts";
import type { ListedImage } from "../../../../src/protocol/listImages.ts";
import { firstGalleryPage, galleryPage, largestGallery } from "../../../../src/protocol/panel/gallery.ts";
import { type ToPanel, toPanelSchema } from "../../../../src/protocol/panel/toPanel.ts";

type Told = Extract<ToPanel, { kind: "gallery" }>;

const image = (name: string, modified = 1): ListedImage => ({
  file: `/nowhere/w/${name}`,
  width: 8,
  height: 8,
  bytes: 10,
  modified,
  prompt: name,
});

/** A list of what a host has, with what it asked and told. */
function listOf(images: ListedImage[], hasPage = true) {
  const host = { images };
  const asked: object[] = [];
  const told: Told[] = [];
  const list = new GalleryList({
    ask: async (params) => {
      asked.push(params);
      const { offset = 0, limit = 0 } = params;
      const images = host.images.slice(offset, offset + limit);
      return { images, ...(offset + limit >= host.images.length && { total: host.images.length }) };
    },
    tell: (message) => told.push(toPanelSchema.parse(message) as Told),
  });
  if (hasPage) list.begin();
  const places = GalleryPlaces.of([{ name: "w", path: "/nowhere/w" }]);
  return { host, asked, told, list, refresh: async () => list.refresh(await places) };
}

const briefly = ({ isNew, images, gone, total, isComplete }: Told) => ({
  isNew,
  images: images.map(({ path }) => path),
  gone,
  total,
  isComplete,
});

describe("a list of the gallery", () => {
  test("is told of once, then of what has changed", async () => {
    const { host, asked, told, refresh, list } = listOf([image("a.png"), image("b.png")]);
    await refresh();
    expect(asked).toEqual([{ folders: ["/nowhere/w"], offset: 0, limit: firstGalleryPage }]);
    host.images = [image("c.png", 3), image("b.png", 2)];
    await refresh();
    expect(told.map(briefly)).toEqual([
      { isNew: true, images: ["a.png", "b.png"], gone: [], total: 2, isComplete: true },
      {
        isNew: false,
        images: ["c.png", "b.png"],
        gone: ["/nowhere/w/a.png"],
        total: 2,
        isComplete: true,
      },
    ]);
    expect([list.find("/nowhere/w/a.png"), list.find("/nowhere/w/c.png")?.path]).toEqual([
      undefined,
      "c.png",
    ]);
  });

  test("comes in parts, the first before the others are asked for", async () => {
    const length = firstGalleryPage + galleryPage + 5;
    const many = Array.from({ length }, (_, index) => image(`${index}.png`));
    const { told, refresh, asked } = listOf(many);
    await refresh();
    expect(asked).toMatchObject([
      { offset: 0, limit: firstGalleryPage },
      { offset: firstGalleryPage, limit: galleryPage },
      { offset: firstGalleryPage + galleryPage, limit: galleryPage },
    ]);
    expect(told.map(({ images, total, isComplete }) => [images.length, total, isComplete])).toEqual([
      [firstGalleryPage, undefined, false],
      [galleryPage, undefined, false],
      [5, length, true],
    ]);
  });

  test("ends at the largest gallery, and says how many there are", async () => {
    const many = Array.from({ length: largestGallery + 1 }, (_, index) => image(`${index}.png`));
    const { told, refresh, list } = listOf(many);
    await refresh();
    expect(told.reduce((sum, { images }) => sum + images.length, 0)).toBe(largestGallery);
    expect(told.at(-1)).toMatchObject({ isComplete: true, total: largestGallery + 1 });
    expect(list.find(`/nowhere/w/${largestGallery}.png`)).toBeUndefined();
  });

  test("that was listed before there is a page is told of when there is, and anew to the next page", async () => {
    const many = Array.from({ length: galleryPage + 1 }, (_, index) => image(`${index}.png`));
    const { told, refresh, list } = listOf(many, false);
    await refresh();
    expect(told).toEqual([]);
    const parts = [
      [true, galleryPage, false],
      [false, 1, true],
    ];
    list.begin();
    list.begin();
    expect(told.map(({ isNew, images, isComplete }) => [isNew, images.length, isComplete])).toEqual([
      ...parts,
      ...parts,
    ]);
    await refresh();
    expect(told.at(-1)).toMatchObject({ isNew: false, images: [], gone: [], isComplete: true });
  });

  test("of nothing is told of too", async () => {
    const { told, refresh, list } = listOf([], false);
    await refresh();
    list.begin();
    expect(told.map(briefly)).toEqual([{ isNew: true, images: [], gone: [], total: 0, isComplete: true }]);
  });

  test("does not end where the host loses images meanwhile", async () => {
    const { host, refresh, told } = listOf(
      Array.from({ length: galleryPage + 1 }, (_, index) => image(`${index}.png`)),
    );
    const before = host.images;
    const slice = before.slice.bind(before);
    before.slice = (from, to) => (from === 0 ? slice(from, to) : []);
    await refresh();
    expect(told.at(-1)).toMatchObject({ isComplete: true, images: [] });
  });
});

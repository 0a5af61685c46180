import type { GalleryImage } from "../../../src/protocol/panel/gallery.ts";

/** An image of the gallery whose name is a word. */
export function galleryImage(word: string, changes: Partial<GalleryImage> = {}): GalleryImage {
  return {
    file: `/w/art/${word}.png`,
    path: `art/${word}.png`,
    width: 64,
    height: 32,
    bytes: 100,
    modified: 1,
    prompt: `a ${word}`,
    seed: 7,
    model: "tiny",
    ...changes,
  };
}

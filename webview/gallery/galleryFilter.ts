import type { GalleryImage } from "../../src/protocol/panel/gallery.ts";

/** What of an image is searched, in small letters: made once for each. */
const texts = new WeakMap<GalleryImage, string>();

function textOf(image: GalleryImage): string {
  const known = texts.get(image);
  if (known !== undefined) return known;
  const text = `${image.prompt}\n${image.path}\n${image.model ?? ""}`.toLowerCase();
  texts.set(image, text);
  return text;
}

/** The images that have every word of a text in their prompt, path or model, in any case and order. */
export function filtered(images: readonly GalleryImage[], text: string): readonly GalleryImage[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return images;
  return images.filter((image) => words.every((word) => textOf(image).includes(word)));
}

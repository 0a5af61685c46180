import type { ListedImage } from "../protocol/listImages.ts";
import { findImageFiles, type ImageFile } from "./imageFiles.ts";
import { type HeadCacheOptions, ImageHeads } from "./imageHeads.ts";
import { resolvedRoots } from "./roots.ts";

/** What of a list is wanted. */
export interface ListOptions {
  /** Only images whose prompts have all of these words, in any case and order. */
  prompt?: string;
  /** How many to leave out, of the newest (default: 0). */
  offset?: number;
  /** How many at most (default: 200). */
  limit?: number;
}

/** A part of a list, the newest first. */
export interface ImageList {
  images: ListedImage[];
  /** How many there are in all. */
  total: number;
  /** Folders that hold pictures, by their root: those to watch. */
  folders: ReadonlyMap<string, ReadonlySet<string>>;
}

function matches(prompt: string, words: readonly string[]): boolean {
  const text = prompt.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The generated images below folders, by what their files say about themselves. */
export class GeneratedImages {
  readonly #cache: HeadCacheOptions;
  readonly #heads = new Map<string, ImageHeads>();

  constructor(cache: HeadCacheOptions) {
    this.#cache = cache;
  }

  /**
   * @param roots absolute paths of the folders to look in; those that are missing hold nothing
   */
  async list(
    roots: readonly string[],
    { prompt = "", offset = 0, limit = 200 }: ListOptions = {},
  ): Promise<ImageList> {
    const words = prompt.toLowerCase().split(/\s+/).filter(Boolean);
    const images = new Map<string, ListedImage>();
    const folders = new Map<string, ReadonlySet<string>>();
    for (const root of await resolvedRoots(roots)) {
      const found = await findImageFiles(root);
      folders.set(root, found.folders);
      // A root may lie in another one.
      for (const image of await this.#listed(root, found.files)) images.set(image.file, image);
    }
    const chosen = [...images.values()]
      .filter((image) => matches(image.prompt, words))
      .sort((a, b) => b.modified - a.modified || (a.file < b.file ? -1 : 1));
    return { images: chosen.slice(offset, offset + limit), total: chosen.length, folders };
  }

  async #listed(root: string, files: readonly ImageFile[]): Promise<ListedImage[]> {
    let heads = this.#heads.get(root);
    if (!heads) {
      heads = new ImageHeads(root, this.#cache);
      this.#heads.set(root, heads);
    }
    const generated = await heads.of(files);
    return files.flatMap(({ file, size, modified }) => {
      const head = generated.get(file);
      return head ? [{ file, bytes: size, modified, ...head }] : [];
    });
  }
}

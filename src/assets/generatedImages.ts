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

/** All images below roots, the newest first. */
type Found = Pick<ImageList, "folders"> & { readonly images: readonly ListedImage[] };

/** So many lists that are not read to their end are remembered. */
const mostLists = 4;

function matches(prompt: string, words: readonly string[]): boolean {
  const text = prompt.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The generated images below folders, by what their files say about themselves. */
export class GeneratedImages {
  readonly #cache: HeadCacheOptions;
  readonly #heads = new Map<string, ImageHeads>();
  /** What was found last below the same roots: the parts of one list fit together, and the folders are walked once. */
  readonly #found = new Map<string, Found>();

  constructor(cache: HeadCacheOptions) {
    this.#cache = cache;
  }

  /**
   * Looks for the images. A list that does not begin with its first image goes on with what was found when the same
   * roots were last looked through from there.
   * @param roots absolute paths of the folders to look in; those that are missing hold nothing
   */
  async list(
    roots: readonly string[],
    { prompt = "", offset = 0, limit = 200 }: ListOptions = {},
  ): Promise<ImageList> {
    const words = prompt.toLowerCase().split(/\s+/).filter(Boolean);
    const key = JSON.stringify(roots);
    const known = offset > 0 ? this.#found.get(key) : undefined;
    const { images, folders } = known ?? (await this.#find(roots));
    if (offset + limit < images.length) this.#remember(key, { images, folders });
    else this.#found.delete(key);
    const chosen = images.filter((image) => matches(image.prompt, words));
    return { images: chosen.slice(offset, offset + limit), total: chosen.length, folders };
  }

  #remember(key: string, found: Found): void {
    this.#found.delete(key);
    this.#found.set(key, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > mostLists && oldest !== undefined) this.#found.delete(oldest);
  }

  async #find(roots: readonly string[]): Promise<Found> {
    const images = new Map<string, ListedImage>();
    const folders = new Map<string, ReadonlySet<string>>();
    for (const root of await resolvedRoots(roots)) {
      const found = await findImageFiles(root);
      folders.set(root, found.folders);
      // A root may lie in another one.
      for (const image of await this.#listed(root, found.files)) images.set(image.file, image);
    }
    const newestFirst = [...images.values()].sort(
      (a, b) => b.modified - a.modified || (a.file < b.file ? -1 : 1),
    );
    return { images: newestFirst, folders };
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

import type { ListedImage } from "../protocol/listImages.ts";
import { type HeadCacheOptions, ImageHeads } from "./imageHeads.ts";
import { ImageSearch } from "./imageSearch.ts";

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
  /** How many there are in all; absent as long as not all files were looked into. */
  total?: number;
  /** Folders that hold pictures, by their root: those to watch. */
  folders: ImageSearch["folders"];
}

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
  /** The last search below the same roots: the parts of one list fit together, and the folders are walked once. */
  readonly #searches = new Map<string, ImageSearch>();

  constructor(cache: HeadCacheOptions) {
    this.#cache = cache;
  }

  /**
   * Looks for the images, no further than the part goes. A list that does not begin with its first image goes on with the
   * search that began when the same roots were last looked through from there.
   * @param roots absolute paths of the folders to look in; those that are missing hold nothing
   */
  async list(
    roots: readonly string[],
    { prompt = "", offset = 0, limit = 200 }: ListOptions = {},
  ): Promise<ImageList> {
    const words = prompt.toLowerCase().split(/\s+/).filter(Boolean);
    const key = JSON.stringify(roots);
    const known = offset > 0 ? this.#searches.get(key) : undefined;
    const search = known ?? (await ImageSearch.below(roots, (root) => this.#headsBelow(root)));
    const end = offset + limit;
    const matching = () => search.images.filter((image) => matches(image.prompt, words));
    await search.lookUntil(() => matching().length >= end);
    if (search.isDone && end >= search.images.length) this.#searches.delete(key);
    else this.#remember(key, search);
    const chosen = matching();
    return {
      images: chosen.slice(offset, end),
      ...(search.isDone && { total: chosen.length }),
      folders: search.folders,
    };
  }

  #remember(key: string, search: ImageSearch): void {
    this.#searches.delete(key);
    this.#searches.set(key, search);
    const [oldest] = this.#searches.keys();
    if (this.#searches.size > mostLists && oldest !== undefined) this.#searches.delete(oldest);
  }

  #headsBelow(root: string): ImageHeads {
    const heads = this.#heads.get(root) ?? new ImageHeads(root, this.#cache);
    this.#heads.set(root, heads);
    return heads;
  }
}

import { forEachOf } from "../platform/taskPool.ts";
import type { ListedImage } from "../protocol/listImages.ts";
import { findImageFiles, type ImageFile, type ImageFolders } from "./imageFiles.ts";
import type { GeneratedHead, ImageHeads } from "./imageHeads.ts";
import { resolvedRoots } from "./roots.ts";

/** So many files are looked into first, about what a screen shows; then twice as many as before, again and again. */
const firstFiles = 64;

const parallel = 8;

interface SearchedRoot {
  readonly root: string;
  readonly heads: ImageHeads;
  readonly found: ImageFolders;
}

/** A search for the generated images below folders that looks into the newest files first, and no further than asked. */
export class ImageSearch {
  /** Folders that hold pictures, by their root: those to watch. */
  readonly folders: ReadonlyMap<string, ReadonlySet<string>>;
  /** The images found so far, the newest first. */
  readonly images: ListedImage[] = [];
  readonly #roots: readonly SearchedRoot[];
  /** The newest first. */
  readonly #files: readonly (ImageFile & { readonly heads: ImageHeads })[];
  #looked = 0;
  /** The last look that was asked for: one goes on where the one before ended. */
  #last: Promise<void> = Promise.resolve();

  private constructor(roots: readonly SearchedRoot[]) {
    this.#roots = roots;
    this.folders = new Map(roots.map(({ root, found }) => [root, found.folders]));
    const files = roots.flatMap(({ heads, found }) => found.files.map((file) => ({ ...file, heads })));
    // A root may lie in another one.
    const once = new Map(files.map((file) => [file.file, file]));
    this.#files = [...once.values()].sort((a, b) => b.modified - a.modified || (a.file < b.file ? -1 : 1));
  }

  /**
   * Finds the files that may be images, and looks into none yet.
   * @param roots absolute paths of the folders to look in; those that are missing hold nothing
   * @param headsBelow what is known of the images below a root
   */
  static async below(
    roots: readonly string[],
    headsBelow: (root: string) => ImageHeads,
  ): Promise<ImageSearch> {
    const searched: SearchedRoot[] = [];
    for (const root of await resolvedRoots(roots)) {
      searched.push({ root, heads: headsBelow(root), found: await findImageFiles(root) });
    }
    return new ImageSearch(searched);
  }

  /** Whether all files were looked into. */
  get isDone(): boolean {
    return this.#looked === this.#files.length;
  }

  /** Looks into further files until there is enough, or until there are no more. */
  lookUntil(isEnough: () => boolean): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(() => this.#look(isEnough));
    return this.#last;
  }

  async #look(isEnough: () => boolean): Promise<void> {
    while (!this.isDone && !isEnough()) {
      const files = this.#files.slice(this.#looked, Math.max(firstFiles, 3 * this.#looked));
      const generated = new Map<string, GeneratedHead | null>();
      await forEachOf(files, parallel, async (file) => {
        generated.set(file.file, await file.heads.of(file));
      });
      for (const { file, size, modified } of files) {
        const head = generated.get(file);
        if (head) this.images.push({ file, bytes: size, modified, ...head });
      }
      this.#looked += files.length;
    }
    for (const { heads, found } of this.#roots) await heads.save(found.files);
  }
}

import type { imageThumbnail } from "../../protocol/imageThumbnail.ts";
import type { ResultOf } from "../../protocol/messageType.ts";

/** A small picture as the host makes it. */
export type Thumbnail = ResultOf<typeof imageThumbnail>;

/** What thumbnails are fetched with. */
export interface GalleryThumbnailsOptions {
  /** Has one made, or takes it from the host's cache. */
  fetch(file: string): Promise<Thumbnail>;
  /** @param thumbnail nothing where the file cannot be shown */
  tell(file: string, thumbnail: Thumbnail | undefined): void;
}

/** So many are asked for at once: the host makes them on as many cores as it has, and what is in view comes first. */
const parallel = 6;

/** Fetches small pictures of the images that are in view. */
export class GalleryThumbnails {
  readonly #options: GalleryThumbnailsOptions;
  readonly #fetching = new Set<string>();
  #wanted: string[] = [];

  constructor(options: GalleryThumbnailsOptions) {
    this.#options = options;
  }

  /** These are in view: what was wanted before and has not begun is not needed any more. */
  want(files: readonly string[]): void {
    this.#wanted = files.filter((file) => !this.#fetching.has(file));
    while (this.#fetching.size < parallel && this.#wanted.length > 0) this.#next();
  }

  #next(): void {
    const file = this.#wanted.shift();
    if (file !== undefined) void this.#fetch(file);
  }

  async #fetch(file: string): Promise<void> {
    this.#fetching.add(file);
    // A file that is gone or damaged is shown without a picture.
    const thumbnail = await this.#options.fetch(file).catch(() => undefined);
    this.#fetching.delete(file);
    this.#options.tell(file, thumbnail);
    this.#next();
  }
}

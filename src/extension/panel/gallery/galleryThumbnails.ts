import type { imageThumbnail } from "../../../protocol/imageThumbnail.ts";
import { LimnerError } from "../../../protocol/limnerError.ts";
import type { ResultOf } from "../../../protocol/messageType.ts";
import type { GalleryImage } from "../../../protocol/panel/gallery.ts";

/** A small picture as the host makes it. */
export type Thumbnail = ResultOf<typeof imageThumbnail>;

/** A file as it was at a time. */
export type ImageVersion = Pick<GalleryImage, "file" | "modified">;

/** What thumbnails are fetched with. */
export interface GalleryThumbnailsOptions {
  /** Has one made, or takes it from the host's cache. */
  fetch(file: string): Promise<Thumbnail>;
  /** @param thumbnail nothing where the file cannot be shown */
  tell(image: ImageVersion, thumbnail: Thumbnail | undefined): void;
}

/** So many are asked for at once: the host makes them on as many cores as it has, and what is in view comes first. */
const parallel = 6;

function keyOf({ file, modified }: ImageVersion): string {
  return `${modified} ${file}`;
}

/** Fetches small pictures of the images that are in view. */
export class GalleryThumbnails {
  readonly #options: GalleryThumbnailsOptions;
  readonly #fetching = new Set<string>();
  #wanted: ImageVersion[] = [];

  constructor(options: GalleryThumbnailsOptions) {
    this.#options = options;
  }

  /** These are in view: what was wanted before and has not begun is not needed any more. */
  want(images: readonly ImageVersion[]): void {
    this.#wanted = images.filter((image) => !this.#fetching.has(keyOf(image)));
    while (this.#fetching.size < parallel && this.#wanted.length > 0) this.#next();
  }

  #next(): void {
    const image = this.#wanted.shift();
    if (image) void this.#fetch(image);
  }

  async #fetch(image: ImageVersion): Promise<void> {
    const key = keyOf(image);
    this.#fetching.add(key);
    try {
      this.#options.tell(image, await this.#options.fetch(image.file));
    } catch (error) {
      // A file that is gone or damaged is shown without a picture. Of the host's own failures others tell.
      if (error instanceof LimnerError && error.code === "image-unreadable")
        this.#options.tell(image, undefined);
    } finally {
      this.#fetching.delete(key);
      this.#next();
    }
  }
}

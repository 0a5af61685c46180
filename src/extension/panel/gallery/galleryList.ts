import type { listImages } from "../../../protocol/listImages.ts";
import type { ParamsOf, ResultOf } from "../../../protocol/messageType.ts";
import {
  firstGalleryPage,
  type GalleryImage,
  galleryPage,
  largestGallery,
} from "../../../protocol/panel/gallery.ts";
import type { ToPanel } from "../../../protocol/panel/toPanel.ts";
import type { GalleryPlaces } from "./galleryPlaces.ts";

type GalleryMessage = Extract<ToPanel, { kind: "gallery" }>;

/** What a list is made with. */
export interface GalleryListOptions {
  ask(params: ParamsOf<typeof listImages>): Promise<ResultOf<typeof listImages>>;
  tell(message: GalleryMessage): void;
}

function isSame(a: GalleryImage | undefined, b: GalleryImage): boolean {
  return a !== undefined && a.modified === b.modified && a.bytes === b.bytes && a.path === b.path;
}

/** A part of a list that has no images, however many there are. */
const behindAll = { offset: 1_000_000, limit: 1 };

/** How a list stands. */
type About = Pick<GalleryMessage, "total" | "isComplete" | "hasFolder">;

/**
 * The images of the gallery. They can be listed before there is a page; the page is told of all of them once, and then of
 * what has changed.
 */
export class GalleryList {
  readonly #options: GalleryListOptions;
  readonly #known = new Map<string, GalleryImage>();
  #about: About | undefined;
  /** Whether there is a page, and whether it was told of anything. */
  #page: "none" | "new" | "told" = "none";

  constructor(options: GalleryListOptions) {
    this.#options = options;
  }

  /** An image of the gallery. */
  find(file: string): GalleryImage | undefined {
    return this.#known.get(file);
  }

  /** There is a page, which knows nothing. */
  begin(): void {
    this.#page = "new";
    const about = this.#about;
    if (!about) return;
    const images = [...this.#known.values()];
    for (let from = 0; from === 0 || from < images.length; from += galleryPage) {
      const isLast = from + galleryPage >= images.length;
      const part = images.slice(from, from + galleryPage);
      this.#post(part, [], { ...about, isComplete: about.isComplete && isLast });
    }
  }

  /** Lists anew, and tells the page what is new, what has changed and what is gone. @throws LimnerError */
  async refresh(places: GalleryPlaces): Promise<void> {
    const { ask } = this.#options;
    const hasFolder = places.isWorkspace;
    const folders = [...places.folders];
    const seen = new Set<string>();
    for (let offset = 0; ; ) {
      const page = this.#known.size === 0 ? firstGalleryPage : galleryPage;
      const limit = Math.min(page, largestGallery - offset);
      const { images, total: known } = await ask({ folders, offset, limit });
      offset += images.length;
      const isComplete = images.length === 0 || offset >= Math.min(known ?? Infinity, largestGallery);
      // The host knows how many there are when it has looked into all: it does for a part that lies behind them.
      const total = isComplete && known === undefined ? (await ask({ folders, ...behindAll })).total : known;
      const part = images.map((image) => places.imageOf(image));
      for (const { file } of part) seen.add(file);
      const changed = part.filter((image) => !isSame(this.#known.get(image.file), image));
      const gone = isComplete ? [...this.#known.keys()].filter((file) => !seen.has(file)) : [];
      this.#take(changed, gone, { total, isComplete, hasFolder });
      if (isComplete) return;
    }
  }

  #take(images: GalleryImage[], gone: string[], about: About): void {
    for (const image of images) this.#known.set(image.file, image);
    for (const file of gone) this.#known.delete(file);
    this.#about = about;
    const isNews = this.#page === "new" || images.length > 0 || gone.length > 0 || about.isComplete;
    if (this.#page !== "none" && isNews) this.#post(images, gone, about);
  }

  #post(images: GalleryImage[], gone: string[], about: About): void {
    this.#options.tell({ kind: "gallery", isNew: this.#page === "new", images, gone, ...about });
    this.#page = "told";
  }
}

import type { listImages } from "../../protocol/listImages.ts";
import type { ParamsOf, ResultOf } from "../../protocol/messageType.ts";
import { type GalleryImage, galleryPage, largestGallery } from "../../protocol/panel/gallery.ts";
import type { ToPanel } from "../../protocol/panel/toPanel.ts";
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

/** The images that the page was told of. It is told again only of what has changed. */
export class GalleryList {
  readonly #options: GalleryListOptions;
  #known = new Map<string, GalleryImage>();
  #isNew = true;

  constructor(options: GalleryListOptions) {
    this.#options = options;
  }

  /** An image that the page was told of. */
  find(file: string): GalleryImage | undefined {
    return this.#known.get(file);
  }

  /** The page that was told is gone: the next one knows nothing. */
  forget(): void {
    this.#known = new Map();
    this.#isNew = true;
  }

  /** Tells the page what is new, what has changed and what is gone. @throws LimnerError */
  async refresh(places: GalleryPlaces): Promise<void> {
    const { ask } = this.#options;
    const hasFolder = places.isWorkspace;
    const seen = new Set<string>();
    for (let offset = 0; ; ) {
      const { images, total } = await ask({ folders: [...places.folders], offset, limit: galleryPage });
      offset += images.length;
      const isComplete = images.length === 0 || offset >= Math.min(total, largestGallery);
      const part = images.map((image) => places.imageOf(image));
      for (const { file } of part) seen.add(file);
      const changed = part.filter((image) => !isSame(this.#known.get(image.file), image));
      const gone = isComplete ? [...this.#known.keys()].filter((file) => !seen.has(file)) : [];
      this.#tell(changed, gone, { total, isComplete, hasFolder });
      if (isComplete) return;
    }
  }

  #tell(
    images: GalleryImage[],
    gone: string[],
    about: Pick<GalleryMessage, "total" | "isComplete" | "hasFolder">,
  ): void {
    const isNew = this.#isNew;
    if (!isNew && images.length === 0 && gone.length === 0 && !about.isComplete) return;
    for (const image of images) this.#known.set(image.file, image);
    for (const file of gone) this.#known.delete(file);
    this.#isNew = false;
    this.#options.tell({ kind: "gallery", isNew, images, gone, ...about });
  }
}

import type { GalleryImage } from "../../src/protocol/panel/gallery.ts";
import type { ToPanel } from "../../src/protocol/panel/toPanel.ts";
import { filtered } from "./galleryFilter.ts";

type Message<Kind extends ToPanel["kind"]> = Extract<ToPanel, { kind: Kind }>;

/** So many small pictures are kept: some screens full. */
export const mostThumbnails = 500;

/** A small picture of a file as it was at a time. */
export interface Thumbnail {
  readonly modified: number;
  /** Absent where the file cannot be shown. */
  readonly url: string | undefined;
}

/** A picture that is compared: by its address. */
export interface ComparedPicture {
  readonly path: string;
  readonly url: string;
}

/** Two pictures that are shown over each other. */
export interface Comparison {
  readonly left: ComparedPicture;
  readonly right: ComparedPicture;
}

/** What the gallery shows. */
export interface GalleryState {
  /** All that the page was told of, the newest first. */
  readonly images: readonly GalleryImage[];
  /** Those that the filter leaves. */
  readonly shown: readonly GalleryImage[];
  readonly filter: string;
  /** How many the workspace has, where that is known. */
  readonly total: number | undefined;
  /** Whether the page was told of all. */
  readonly isComplete: boolean;
  readonly hasFolder: boolean;
  /** By file; the one that came first leaves first. */
  readonly thumbnails: ReadonlyMap<string, Thumbnail>;
  /** The file whose details are shown. */
  readonly selected: string | undefined;
  /** The file that another is to be compared with. */
  readonly selectedForCompare: string | undefined;
  readonly comparison: Comparison | undefined;
}

/** What happens to the gallery. */
export type GalleryEvent =
  | Message<"gallery" | "galleryThumbnail" | "selectedForCompare">
  | { readonly kind: "filterGallery"; readonly text: string }
  | { readonly kind: "selectImage"; readonly file: string }
  | { readonly kind: "compare"; readonly comparison: Comparison | undefined };

export const emptyGallery: GalleryState = {
  images: [],
  shown: [],
  filter: "",
  total: undefined,
  isComplete: false,
  hasFolder: true,
  thumbnails: new Map(),
  selected: undefined,
  selectedForCompare: undefined,
  comparison: undefined,
};

/** The image whose details are shown, where the filter leaves it. */
export function selectedImage({ shown, selected }: GalleryState): GalleryImage | undefined {
  return selected === undefined ? undefined : shown.find(({ file }) => file === selected);
}

function newestFirst(a: GalleryImage, b: GalleryImage): number {
  return b.modified - a.modified || (a.file < b.file ? -1 : 1);
}

/** The image that takes the place of the selected one, which is gone: the next, else the one before. */
function neighbor({ shown, selected }: GalleryState, left: readonly GalleryImage[]): string | undefined {
  const isLeft = new Set(left.map(({ file }) => file));
  const at = shown.findIndex(({ file }) => file === selected);
  const order = at < 0 ? [] : [...shown.slice(at + 1), ...shown.slice(0, at).reverse()];
  return order.find(({ file }) => isLeft.has(file))?.file;
}

function withImages(state: GalleryState, message: Message<"gallery">): GalleryState {
  const { isNew, gone, total, isComplete, hasFolder } = message;
  const byFile = new Map(isNew ? [] : state.images.map((image) => [image.file, image]));
  for (const file of gone) byFile.delete(file);
  for (const image of message.images) byFile.set(image.file, image);
  const images = [...byFile.values()].sort(newestFirst);
  const shown = filtered(images, state.filter);
  const thumbnails = new Map([...state.thumbnails].filter(([file]) => byFile.has(file)));
  const isGone = state.selected !== undefined && !byFile.has(state.selected);
  const selected = isGone ? neighbor(state, shown) : state.selected;
  return { ...state, images, shown, thumbnails, selected, total, isComplete, hasFolder };
}

function withThumbnail(state: GalleryState, message: Message<"galleryThumbnail">): GalleryState {
  const { file, modified, picture } = message;
  const url = picture && `data:${picture.mimeType};base64,${picture.data}`;
  const thumbnails = new Map(state.thumbnails);
  thumbnails.delete(file);
  thumbnails.set(file, { modified, url });
  const excess = thumbnails.size - mostThumbnails;
  for (const oldest of [...thumbnails.keys()].slice(0, Math.max(0, excess))) thumbnails.delete(oldest);
  return { ...state, thumbnails };
}

/** What the gallery shows after something has happened. */
export function reduceGallery(state: GalleryState, event: GalleryEvent): GalleryState {
  switch (event.kind) {
    case "gallery":
      return withImages(state, event);
    case "galleryThumbnail":
      return withThumbnail(state, event);
    case "selectedForCompare":
      return { ...state, selectedForCompare: event.file };
    case "filterGallery":
      return { ...state, filter: event.text, shown: filtered(state.images, event.text) };
    case "selectImage":
      return { ...state, selected: event.file };
    case "compare":
      return { ...state, comparison: event.comparison };
  }
}

import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import type { GalleryImage } from "../../src/protocol/panel/gallery.ts";
import type { Thumbnail } from "./galleryState.ts";
import { type GridLayout, gridLayout, placeOf, scrollTo, tileByKey, tilesInView } from "./gridLayout.ts";
import { describeImage, nameOf } from "./imageText.ts";

/** Milliseconds that scrolling has to rest before small pictures are asked for. */
const scrollRest = 60;

/** Space around the tiles, for the outline of the one that has the focus: the same in the style sheet. */
const margin = 4;

/** What a grid shows. */
export interface GridContents {
  readonly images: readonly GalleryImage[];
  readonly thumbnails: ReadonlyMap<string, Thumbnail>;
  readonly selected: string | undefined;
  readonly selectedForCompare: string | undefined;
  /** What chose the images: another choice is shown from its beginning. */
  readonly filter: string;
}

/** What a grid tells of. */
export interface GridListener {
  select(file: string): void;
  open(file: string): void;
  delete(file: string): void;
  /** These are in view and have no small picture yet. */
  view(files: readonly string[]): void;
}

/**
 * Images in rows, of which those in view are in the page. It is one stop of the Tab key; arrow keys go from image to
 * image. VS Code shows the menu of an image, by the right button or the menu key.
 */
export class ImageGrid extends HTMLElement {
  #contents: GridContents = {
    images: [],
    thumbnails: new Map(),
    selected: undefined,
    selectedForCompare: undefined,
    filter: "",
  };
  #listener: GridListener | undefined;
  #width = 0;
  #height = 0;
  #isScheduled = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** What was asked for last, by file and time. */
  #asked: ReadonlySet<string> = new Set();
  readonly #resizes = new ResizeObserver(() => {
    this.#width = this.clientWidth - 2 * margin;
    this.#height = this.clientHeight;
    this.#schedule();
  });

  set contents(contents: GridContents) {
    const before = this.#contents;
    const isSame = (Object.keys(contents) as (keyof GridContents)[]).every(
      (name) => contents[name] === before[name],
    );
    if (isSame) return;
    this.#contents = contents;
    if (contents.filter !== before.filter) this.scrollTop = 0;
    this.#schedule();
  }

  set listener(listener: GridListener) {
    this.#listener = listener;
  }

  connectedCallback(): void {
    this.#resizes.observe(this);
    this.addEventListener("scroll", () => this.#schedule(), { passive: true });
  }

  disconnectedCallback(): void {
    this.#resizes.disconnect();
    clearTimeout(this.#rest);
  }

  /** Gives the focus to the image that Tab comes to. */
  override focus(): void {
    this.#focusTile(this.#active);
  }

  get #layout(): GridLayout {
    return gridLayout(this.#width, this.#contents.images.length);
  }

  /** The image that Tab comes to: the selected one, else the first. */
  get #active(): number {
    const { images, selected } = this.#contents;
    return Math.max(
      0,
      images.findIndex(({ file }) => file === selected),
    );
  }

  /** Once a frame, however much happens. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.isConnected && this.#width > 0) this.#render();
    });
  }

  #render(): void {
    const { images } = this.#contents;
    const layout = this.#layout;
    const active = this.#active;
    const { from, to } = tilesInView(layout, images.length, this.scrollTop, this.#height);
    const indexes = Array.from({ length: to - from }, (_, index) => from + index);
    // What has the focus stays in the page, wherever that is scrolled to.
    if (images.length > 0 && (active < from || active >= to)) indexes.push(active);
    const hadFocus = this.contains(document.activeElement);
    render(
      html`<div
        role="listbox"
        aria-label="Generated images"
        class="tiles"
        style=${styleMap({ height: `${layout.height}px` })}
        @click=${(event: Event) => this.#on(event, ({ file }) => this.#listener?.select(file))}
        @focusin=${(event: Event) => this.#on(event, ({ file }) => this.#listener?.select(file))}
        @contextmenu=${(event: Event) => this.#on(event, ({ file }) => this.#listener?.select(file))}
        @dblclick=${(event: Event) => this.#on(event, ({ file }) => this.#listener?.open(file))}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
      >
        ${repeat(
          indexes,
          (index) => images[index]?.file,
          (index) => this.#tile(layout, index, active),
        )}
      </div>`,
      this,
    );
    // The image that had it may be gone.
    if (hadFocus && !this.contains(document.activeElement)) this.#focusTile(this.#active);
    this.#askForThumbnails(layout);
  }

  #tile(layout: GridLayout, index: number, active: number): TemplateResult | typeof nothing {
    const { images, thumbnails, selected, selectedForCompare } = this.#contents;
    const image = images[index];
    if (!image) return nothing;
    const { file } = image;
    const { x, y } = placeOf(layout, index);
    const thumbnail = thumbnails.get(file);
    const isMarked = file === selectedForCompare;
    const menu = {
      webviewSection: "limnerImage",
      limnerImage: file,
      limnerCanCompare: selectedForCompare !== undefined && !isMarked,
      preventDefaultContextMenuItems: true,
    };
    return html`<div
      role="option"
      class="tile"
      tabindex=${index === active ? "0" : "-1"}
      aria-selected=${file === selected ? "true" : "false"}
      aria-posinset=${index + 1}
      aria-setsize=${images.length}
      aria-label=${describeImage(image, isMarked)}
      title=${image.prompt}
      data-index=${index}
      data-vscode-context=${JSON.stringify(menu)}
      style=${styleMap({
        transform: `translate(${x}px, ${y}px)`,
        width: `${layout.tile}px`,
        height: `${layout.tileHeight}px`,
      })}
    >
      <span class="tile-picture" style=${styleMap({ height: `${layout.tile}px` })}>
        ${pictureView(thumbnail)}
        ${isMarked ? html`<span class="tile-mark codicon codicon-compare-changes"></span>` : nothing}
      </span>
      <span class="tile-caption">${image.prompt.trim() === "" ? nameOf(image) : image.prompt}</span>
    </div>`;
  }

  /** What happens at a tile. */
  #on(event: Event, act: (image: GalleryImage) => void): void {
    const tile = event.target instanceof Element ? event.target.closest<HTMLElement>(".tile") : null;
    const image = tile && this.#contents.images[Number(tile.dataset["index"])];
    if (image) act(image);
  }

  #key(event: KeyboardEvent): void {
    const { images } = this.#contents;
    const from = this.#active;
    const image = images[from];
    if (!image || event.altKey) return;
    const isFar = event.ctrlKey || event.metaKey;
    const act = this.#actionOf(event, image, isFar);
    if (act) {
      event.preventDefault();
      act();
      return;
    }
    const to = tileByKey(this.#layout, images.length, from, { key: event.key, isFar }, this.#height);
    if (to === undefined) return;
    event.preventDefault();
    this.#goTo(to);
  }

  #actionOf(
    { key, shiftKey }: KeyboardEvent,
    { file }: GalleryImage,
    isFar: boolean,
  ): (() => void) | undefined {
    const isDelete = (key === "Delete" && !shiftKey) || (key === "Backspace" && isFar);
    if (isDelete) return () => this.#listener?.delete(file);
    return key === "Enter" && !isFar ? () => this.#listener?.open(file) : undefined;
  }

  #goTo(index: number): void {
    const image = this.#contents.images[index];
    if (!image) return;
    this.#contents = { ...this.#contents, selected: image.file };
    this.#focusTile(index);
    this.#listener?.select(image.file);
  }

  /** Brings a tile into view and gives it the focus. */
  #focusTile(index: number): void {
    this.scrollTop = scrollTo(this.#layout, index, this.scrollTop, this.#height - 2 * margin);
    this.#render();
    this.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true });
  }

  #askForThumbnails(layout: GridLayout): void {
    const { images, thumbnails } = this.#contents;
    const lacks = ({ file, modified }: GalleryImage) => thumbnails.get(file)?.modified !== modified;
    const inView = ({ from, to }: { from: number; to: number }) => images.slice(from, to).filter(lacks);
    const top = this.scrollTop;
    const now = inView(tilesInView(layout, images.length, top, this.#height, 0));
    const soon = inView(tilesInView(layout, images.length, top, this.#height));
    const wanted = [...new Set([...now, ...soon])];
    const keys = wanted.map(({ file, modified }) => `${modified} ${file}`);
    clearTimeout(this.#rest);
    if (keys.every((key) => this.#asked.has(key))) return;
    this.#rest = setTimeout(() => {
      this.#asked = new Set(keys);
      this.#listener?.view(wanted.map(({ file }) => file));
    }, scrollRest);
  }
}

function pictureView(thumbnail: Thumbnail | undefined): TemplateResult | typeof nothing {
  if (thumbnail?.url !== undefined) {
    // Dragged, it would be dropped into the composer as a picture of its own.
    return html`<img src=${thumbnail.url} alt="" draggable="false" decoding="async" />`;
  }
  return thumbnail ? html`<span class="codicon codicon-file-media" aria-hidden="true"></span>` : nothing;
}

customElements.define("limner-image-grid", ImageGrid);

import * as vscode from "vscode";
import { imageThumbnail } from "../../../protocol/imageThumbnail.ts";
import { listImages } from "../../../protocol/listImages.ts";
import type { FromPanel } from "../../../protocol/panel/fromPanel.ts";
import type { GalleryAction, GalleryImage } from "../../../protocol/panel/gallery.ts";
import type { ToPanel } from "../../../protocol/panel/toPanel.ts";
import type { LimnerContext } from "../../context.ts";
import { showImage } from "../../drawing/showImage.ts";
import { parametersOf } from "../../imageTools/imageJobs.ts";
import { comparisonOf, sourceOf } from "./comparison.ts";
import { deleteImage, insertIntoEditor, revealImage, saveCopy } from "./galleryFiles.ts";
import { GalleryList } from "./galleryList.ts";
import { GalleryPlaces } from "./galleryPlaces.ts";
import { GalleryThumbnails } from "./galleryThumbnails.ts";
import { Refreshing } from "./refreshing.ts";

/** What the page asks about the gallery. */
export type GalleryRequest = Extract<FromPanel, { kind: "showThumbnails" | "galleryAction" | "openFolder" }>;

/** What the gallery needs of the panel that it is in. */
export interface GalleryOwner {
  readonly isVisible: boolean;
  tell(message: ToPanel): void;
  /** Tells of an error that came up while nobody waited. */
  report(error: unknown): void;
  useAsSource(file: string): Promise<void>;
  reuse(file: string): Promise<void>;
}

/** The files that may be images, as VS Code's watcher takes them. */
const imageFilesPattern = "**/*.{png,jpg,jpeg,webp,avif}";

/** The panel's gallery: the generated images of the workspace, as long as it is in view kept up to date. */
export class PanelGallery {
  readonly #context: LimnerContext;
  readonly #owner: GalleryOwner;
  readonly #list: GalleryList;
  readonly #thumbnails: GalleryThumbnails;
  readonly #refreshing = new Refreshing(() => this.#refresh());
  readonly #endings: (() => void)[] = [];
  /** The first list, which is asked for while the page is loaded. */
  readonly #first: Promise<void>;
  #selectedForCompare: string | undefined;
  /** Whether something has changed while the panel was not in view. */
  #isStale = false;
  /** Whether there is a page, and whether it has its first list. */
  #page: "none" | "waiting" | "told" = "none";

  constructor(context: LimnerContext, owner: GalleryOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#list = new GalleryList({
      ask: (params) => context.host.ask(listImages, params),
      tell: (message) => owner.tell(message),
    });
    this.#thumbnails = new GalleryThumbnails({
      fetch: (file) => context.host.ask(imageThumbnail, { file }),
      tell: ({ file, modified }, thumbnail) => {
        const picture = thumbnail && { mimeType: thumbnail.mimeType, data: thumbnail.data };
        owner.tell({ kind: "galleryThumbnail", file, modified, picture });
      },
    });
    this.#watch();
    this.#first = this.#refreshing.now();
  }

  /** The page is there and knows nothing. */
  async begin(): Promise<void> {
    this.#list.begin();
    this.#selectedForCompare = undefined;
    this.#page = "waiting";
    await this.#first;
    if (this.#isStale) await this.#refreshing.now();
    else this.#page = "told";
  }

  /** The panel has come into view, or left it. */
  viewChanged(): void {
    if (this.#isStale) this.#refreshSoon();
  }

  /** There may be other images. */
  changed(): void {
    this.#isStale = true;
    this.#refreshSoon();
  }

  #refreshSoon(): void {
    if (this.#owner.isVisible && this.#page !== "none") this.#refreshing.soon();
  }

  async answer(message: GalleryRequest): Promise<void> {
    switch (message.kind) {
      case "showThumbnails":
        return this.#thumbnails.want(message.files.flatMap((file) => this.#list.find(file) ?? []));
      case "galleryAction":
        return this.act(message.action, message.file);
      case "openFolder":
        await vscode.commands.executeCommand("vscode.openFolder");
    }
  }

  /** Does something with an image that the page was told of; nothing with any other file. @throws LimnerError */
  async act(action: GalleryAction, file: string): Promise<void> {
    const image = this.#list.find(file);
    if (!image) {
      this.#context.log.error(`The panel asked for ${file}, which is not in its gallery.`);
      return;
    }
    switch (action) {
      case "open":
        return showImage(file);
      case "reveal":
        return revealImage(image);
      case "insert":
        return insertIntoEditor(this.#context, image);
      case "saveAs":
        return saveCopy(image);
      case "useAsSource":
        return this.#owner.useAsSource(file);
      case "reuse":
        return this.#owner.reuse(file);
      case "selectForCompare":
        return this.#selectForCompare(file);
      case "compareWithSelected":
        return this.#compareWithSelected(image);
      case "compareWithSource": {
        const source = sourceOf(image, await parametersOf(this.#context, vscode.Uri.file(file)));
        return this.#owner.tell(await comparisonOf(source, image));
      }
      case "delete":
        if (await deleteImage(this.#context, image)) await this.#refreshing.now();
    }
  }

  dispose(): void {
    this.#refreshing.dispose();
    for (const end of this.#endings) end();
  }

  #watch(): void {
    const { host } = this.#context;
    const changed = () => this.changed();
    // VS Code watches the workspace anyway, new folders too; the host knows those that images go to without one.
    const watcher = vscode.workspace.createFileSystemWatcher(imageFilesPattern);
    const subscriptions = [
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete(changed),
      vscode.workspace.onDidChangeWorkspaceFolders(changed),
    ];
    this.#endings.push(host.watchImages(changed), () => {
      for (const subscription of subscriptions) subscription.dispose();
    });
  }

  async #refresh(): Promise<void> {
    this.#isStale = false;
    try {
      await this.#list.refresh(await this.#places());
      if (this.#page === "waiting") this.#page = "told";
    } catch (error) {
      this.#isStale = true;
      // What is shown stays; who has seen nothing yet is told why.
      if (this.#page === "waiting") this.#owner.report(error);
      else this.#context.log.warn(`The gallery was not brought up to date: ${String(error)}`);
    }
    const selected = this.#selectedForCompare;
    if (selected !== undefined && !this.#list.find(selected)) this.#selectForCompare(undefined);
  }

  #places(): Promise<GalleryPlaces> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
    if (folders.length > 0) {
      return GalleryPlaces.of(folders.map(({ name, uri }) => ({ name, path: uri.fsPath })));
    }
    const { chosenFolders } = this.#context;
    return GalleryPlaces.of(
      chosenFolders.map((path) => ({ name: path, path })),
      false,
    );
  }

  #selectForCompare(file: string | undefined): void {
    this.#selectedForCompare = file;
    this.#owner.tell({ kind: "selectedForCompare", file });
  }

  async #compareWithSelected(image: GalleryImage): Promise<void> {
    const selected = this.#selectedForCompare && this.#list.find(this.#selectedForCompare);
    if (selected) this.#owner.tell(await comparisonOf(selected, image));
  }
}

import { basename } from "node:path";
import * as vscode from "vscode";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { PictureType } from "../../protocol/panel/picture.ts";
import type { ToPanel } from "../../protocol/panel/toPanel.ts";
import type { LimnerContext } from "../context.ts";
import { imageExtensions } from "../targets/assetTarget.ts";
import { readPicture } from "./pictureFile.ts";
import { PictureFolder } from "./pictureFolder.ts";

type PictureMessage = Extract<ToPanel, { kind: "source" | "mask" | "lost" }>;

/** What is told of a pasted picture. */
const pasted = "pasted picture";

/** The composer's picture to begin with and its mask: chosen, dropped, pasted, painted. */
export class PanelPictures {
  readonly #folder: PictureFolder;
  readonly #inUse: () => ReadonlySet<string>;
  /** The picture and the mask that the composer has now, which stay. */
  readonly #current = new Map<"source" | "mask", string>();

  /** @param inUse files of jobs that have not ended */
  constructor(context: LimnerContext, inUse: () => ReadonlySet<string>) {
    this.#folder = new PictureFolder(vscode.Uri.joinPath(context.storage, "pictures").fsPath);
    this.#inUse = inUse;
  }

  /** A file becomes the picture to begin with. @throws LimnerError `image-unreadable` */
  async open(file: string): Promise<PictureMessage> {
    const { bytes, type } = await readPicture(file);
    this.#current.set("source", file);
    const name = this.#folder.has(file) ? pasted : basename(file);
    return { kind: "source", picture: { file, name }, mimeType: type, bytes };
  }

  /** Has the user choose a file. @returns nothing where none was chosen */
  async pick(): Promise<PictureMessage | undefined> {
    const [uri] =
      (await vscode.window.showOpenDialog({
        title: "Picture to Begin With",
        openLabel: "Use Picture",
        canSelectMany: false,
        filters: { Images: imageExtensions.map((extension) => extension.slice(1)) },
      })) ?? [];
    return uri && this.open(uri.fsPath);
  }

  /** A picture that has no file here becomes the one to begin with: it is kept in Limner's own storage. */
  async take(bytes: Uint8Array<ArrayBuffer>, mimeType: PictureType, name: string): Promise<PictureMessage> {
    const file = await this.#keep("source", bytes, mimeType);
    return { kind: "source", picture: { file, name: name || pasted }, mimeType, bytes };
  }

  /** What was dragged out of VS Code's explorer. @throws LimnerError where it is no picture of this machine */
  async drop(uris: readonly string[]): Promise<PictureMessage> {
    for (const text of uris) {
      const { scheme, path } = vscode.Uri.parse(text);
      // A window in a browser names the files of this machine as those of its remote.
      if (scheme === "file" || scheme === "vscode-remote") return this.open(vscode.Uri.file(path).fsPath);
    }
    throw new LimnerError("image-unreadable", "That is no file of this machine: save the picture first.");
  }

  async keepMask(bytes: Uint8Array): Promise<PictureMessage> {
    const file = await this.#keep("mask", bytes, "image/png");
    return { kind: "mask", picture: { file, name: "mask" } };
  }

  /** The pictures of a composer that was kept over a reload; those that are gone are told of as lost. */
  async show(files: { readonly source?: string; readonly mask?: string }): Promise<PictureMessage[]> {
    const { source, mask } = files;
    const shown: PictureMessage[] = [];
    if (source !== undefined) shown.push(await this.open(source).catch(() => lost("source")));
    if (mask !== undefined) shown.push(await this.#openMask(mask).catch(() => lost("mask")));
    return shown;
  }

  async #openMask(file: string): Promise<PictureMessage> {
    const { bytes } = await readPicture(file);
    this.#current.set("mask", file);
    return { kind: "mask", picture: { file, name: "mask" }, bytes };
  }

  async #keep(as: "source" | "mask", bytes: Uint8Array, type: PictureType): Promise<string> {
    const inUse = new Set([...this.#inUse(), ...this.#current.values()]);
    const file = await this.#folder.keep(bytes, type, inUse);
    this.#current.set(as, file);
    return file;
  }
}

function lost(what: "source" | "mask"): PictureMessage {
  return { kind: "lost", what };
}

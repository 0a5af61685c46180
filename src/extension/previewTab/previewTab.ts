import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Preview } from "../../protocol/jobProgress.ts";
import type { Progress } from "../../protocol/progress.ts";
import { imageColumn, previewType } from "../drawing/imageColumn.ts";
import { progressText, shortPrompt } from "../drawing/progressText.ts";
import { showImage } from "../drawing/showImage.ts";
import { type PreviewMessage, previewPage } from "./previewPage.ts";

/**
 * A tab beside the editor that shows a drawing as it comes about and then the finished image; it never takes the focus.
 * It opens with the first preview. Who closes it is not shown the image either.
 */
export class PreviewTab {
  readonly #prompt: string;
  readonly #isShownElsewhere: () => boolean;
  #panel: vscode.WebviewPanel | undefined;
  #isClosed = false;

  /** @param isShownElsewhere whether the panel shows what is drawn already */
  constructor(prompt: string, isShownElsewhere: () => boolean) {
    this.#prompt = prompt;
    this.#isShownElsewhere = isShownElsewhere;
  }

  /** Shows a step's picture. */
  show({ mimeType, data }: Preview, progress: Progress): void {
    if (this.#isClosed) return;
    if (!this.#panel && this.#isShownElsewhere()) return;
    this.#panel ??= this.#open();
    const message: PreviewMessage = {
      picture: `data:${mimeType};base64,${data}`,
      text: progressText(progress),
    };
    void this.#panel.webview.postMessage(message);
  }

  /** Puts the finished image where the preview was, in VS Code's own viewer; nothing where none was finished. */
  async finish(file: string | undefined): Promise<void> {
    const panel = this.#panel;
    if (file !== undefined && !this.#isClosed) {
      await showImage(file, panel?.viewColumn);
    }
    this.#panel = undefined;
    panel?.dispose();
  }

  #open(): vscode.WebviewPanel {
    const place = { viewColumn: imageColumn(), preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(previewType, shortPrompt(this.#prompt, 30), place, {
      enableScripts: true,
      localResourceRoots: [],
    });
    panel.webview.html = previewPage(this.#prompt, randomBytes(16).toString("base64"));
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#isClosed = true;
    });
    return panel;
  }
}

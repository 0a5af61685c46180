import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Preview } from "../../protocol/jobProgress.ts";
import type { Progress } from "../../protocol/progress.ts";
import { progressText, shortPrompt } from "../progressText.ts";
import { type PreviewMessage, previewPage } from "./previewPage.ts";

const viewType = "limner.preview";

/** Whether Limner's panel shows what is drawn already. */
function isPanelVisible(): boolean {
  return vscode.window.tabGroups.all.some(({ activeTab }) => {
    const input: unknown = activeTab?.input;
    return input instanceof vscode.TabInputWebview && /\blimner\.panel$/.test(input.viewType);
  });
}

/**
 * A tab beside the editor that shows a drawing as it comes about and then the finished image; it never takes the focus.
 * It opens with the first preview. Who closes it is not shown the image either.
 */
export class PreviewTab {
  readonly #prompt: string;
  #panel: vscode.WebviewPanel | undefined;
  #isClosed = false;

  constructor(prompt: string) {
    this.#prompt = prompt;
  }

  /** Shows a step's picture. */
  show({ mimeType, data }: Preview, progress: Progress): void {
    if (this.#isClosed) return;
    if (!this.#panel && isPanelVisible()) return;
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
      await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file), {
        viewColumn: panel?.viewColumn ?? vscode.ViewColumn.Beside,
        preserveFocus: true,
        preview: true,
      });
    }
    this.#panel = undefined;
    panel?.dispose();
  }

  #open(): vscode.WebviewPanel {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(viewType, shortPrompt(this.#prompt, 30), place, {
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

import * as vscode from "vscode";
import type { InsertionPlace } from "./insertionPlace.ts";

function isDocument({ document }: vscode.TextEditor): boolean {
  // Output channels and the like are text editors too.
  return document.uri.scheme === "file" || document.uri.scheme === "untitled";
}

/** The text editor that was active last: while a webview is, VS Code says that none is. */
export class LastEditor implements vscode.Disposable {
  #editor: vscode.TextEditor | undefined;
  readonly #subscription: vscode.Disposable;

  constructor() {
    this.#remember(vscode.window.activeTextEditor);
    this.#subscription = vscode.window.onDidChangeActiveTextEditor((editor) => this.#remember(editor));
  }

  /** Where its cursor is, or was when it was hidden; nothing where its document is closed or there was none. */
  get place(): InsertionPlace | undefined {
    const editor = this.#editor ?? vscode.window.visibleTextEditors.find(isDocument);
    if (!editor || editor.document.isClosed) return undefined;
    return { document: editor.document, position: editor.selection.end, isBelow: false };
  }

  #remember(editor: vscode.TextEditor | undefined): void {
    if (editor && isDocument(editor)) this.#editor = editor;
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}

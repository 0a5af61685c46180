import type * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";

/** Opens the panel again that was open when the window was reloaded. Its own state holds what was typed. */
export class PanelSerializer implements vscode.WebviewPanelSerializer {
  readonly #context: LimnerContext;

  constructor(context: LimnerContext) {
    this.#context = context;
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    const { openAgain } = await import("./openPanel.ts");
    openAgain(this.#context, panel);
  }
}

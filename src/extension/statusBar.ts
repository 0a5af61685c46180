import * as vscode from "vscode";
import { type Health, healthText } from "./host/health.ts";

/** The item of the status bar that says how the host is; it opens a menu. */
export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = vscode.window.createStatusBarItem("limner.health", vscode.StatusBarAlignment.Right, 50);
    this.#item.name = "Limner";
    this.#item.command = "limner.showMenu";
    this.show({ kind: "idle" });
    this.#item.show();
  }

  show(health: Health): void {
    const { text, tooltip, isError } = healthText(health);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `Limner: ${tooltip}`, role: "button" };
    this.#item.backgroundColor = isError ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  }

  dispose(): void {
    this.#item.dispose();
  }
}

import * as vscode from "vscode";

/** The log that "Limner: Show Log" opens: an output channel whose level the user sets in VS Code. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel("Limner", { log: true });
}

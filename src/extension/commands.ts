import type * as vscode from "vscode";

/** What commands work with. */
export interface CommandContext {
  log: vscode.LogOutputChannel;
}

/** Every command of the extension and its handler. `package.json` contributes exactly these. */
export const commands: Readonly<Record<string, (context: CommandContext) => unknown>> = {
  "limner.showLog": ({ log }) => log.show(),
};

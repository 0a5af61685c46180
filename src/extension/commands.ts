import type * as vscode from "vscode";

/** What commands work with. */
export interface CommandContext {
  readonly log: vscode.LogOutputChannel;
}

/**
 * Runs a command.
 * @param parameters what VS Code passes: the file and the selection of an explorer menu, nothing from the palette
 */
export type CommandHandler = (context: CommandContext, ...parameters: readonly unknown[]) => unknown;

/** Every command of the extension and its handler. `package.json` contributes exactly these. */
export const commands = {
  "limner.showLog": ({ log }) => log.show(),
} as const satisfies Readonly<Record<`limner.${string}`, CommandHandler>>;

/** A command's name, for what runs it: buttons, links, menus of the status bar. */
export type CommandName = keyof typeof commands;

import * as vscode from "vscode";
import { type CommandContext, commands } from "./commands.ts";
import { createLog } from "./log.ts";

/** Called by VS Code when the first of Limner's commands is used. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = createLog();
  const context: CommandContext = { log };
  extension.subscriptions.push(log);
  for (const [name, handler] of Object.entries(commands)) {
    extension.subscriptions.push(vscode.commands.registerCommand(name, () => handler(context)));
  }
  log.info(`Limner ${extension.extension.packageJSON.version} is active.`);
}

import * as vscode from "vscode";
import { type CommandContext, type CommandHandler, commands } from "./commands.ts";
import { createLog } from "./log.ts";

/** Called by VS Code when the first of Limner's commands is used. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = createLog();
  const context: CommandContext = { log };
  extension.subscriptions.push(log);
  const handlers: Readonly<Record<string, CommandHandler>> = commands;
  for (const [name, handler] of Object.entries(handlers)) {
    const run = (...parameters: readonly unknown[]) => handler(context, ...parameters);
    extension.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  log.info(`Limner ${extension.extension.packageJSON.version} is active.`);
}

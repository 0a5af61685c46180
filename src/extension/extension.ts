import * as vscode from "vscode";
import { type CommandHandler, commands } from "./commands.ts";
import { LimnerContext } from "./context.ts";
import { hostSettings } from "./host/hostSettings.ts";
import { MissingImageActions } from "./missingImages/codeActions.ts";
import { selector } from "./missingImages/languages.ts";
import { watchModelFolders } from "./models/modelFolders.ts";
import { PanelSerializer } from "./panel/panelSerializer.ts";
import { panelType } from "./panel/panelSlot.ts";
import { offerInTerminals } from "./terminal.ts";

/**
 * Called by VS Code when the first of Limner's commands is used, a Markdown or HTML file is opened, or a workspace holds a
 * model. It registers and asks the host nothing. VS Code waits for it, so that what is not needed for it is imported where it
 * is used: commands, the panel, readers of documents, the client of the host, and zod.
 */
export function activate(extension: vscode.ExtensionContext): void {
  const context = new LimnerContext(extension);
  extension.subscriptions.push(
    context,
    vscode.languages.registerCodeActionsProvider(
      selector,
      new MissingImageActions(context.missingImages),
      MissingImageActions.metadata(),
    ),
    watchModelFolders(),
    vscode.window.registerWebviewPanelSerializer(panelType, new PanelSerializer(context)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => context.foldersChanged()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (hostSettings.some((name) => event.affectsConfiguration(name))) void offerRestart(context);
    }),
  );
  for (const [name, handler] of Object.entries(commands)) {
    extension.subscriptions.push(
      vscode.commands.registerCommand(name, (...parameters) => run(context, handler, parameters)),
    );
  }
  offerInTerminals(extension);
  context.log.info(`Limner ${context.version} is active.`);
}

async function run(
  context: LimnerContext,
  handler: CommandHandler,
  parameters: readonly unknown[],
): Promise<void> {
  try {
    await handler(context, ...parameters);
  } catch (error) {
    await context.report(error);
  }
}

/** A host that runs keeps the settings that it was started with. */
async function offerRestart(context: LimnerContext): Promise<void> {
  if (!context.host.isConnected) return;
  const button = "Restart Host";
  const sentence = "Limner's background host takes the changed settings when it is restarted.";
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) {
    await vscode.commands.executeCommand("limner.restartHost");
  }
}

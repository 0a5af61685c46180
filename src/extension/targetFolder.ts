import * as vscode from "vscode";
import type { LimnerContext } from "./context.ts";
import { chooseFolder } from "./folderChoice.ts";
import { workspaceFolders } from "./workspaceFolders.ts";

/** What was chosen where no folder is open: asked once in a window. */
const chosen = new WeakMap<LimnerContext, string>();

/**
 * The folder that a new image goes below; the user is asked where that is not clear.
 * @param file the file that the image belongs to (default: the active editor's)
 * @returns nothing where the user does not want to say
 */
export async function targetFolder(
  context: LimnerContext,
  file: vscode.Uri | undefined = vscode.window.activeTextEditor?.document.uri,
): Promise<string | undefined> {
  const own = file && vscode.workspace.getWorkspaceFolder(file);
  const active = own?.uri.scheme === "file" ? own.uri.fsPath : undefined;
  const choice = chooseFolder(workspaceFolders(), active);
  switch (choice.kind) {
    case "one":
      return choice.folder;
    case "ask":
      return vscode.window.showQuickPick([...choice.folders], {
        placeHolder: "The folder of the workspace that the image goes to",
      });
    case "none":
      return askForFolder(context);
  }
}

async function askForFolder(context: LimnerContext): Promise<string | undefined> {
  const known = chosen.get(context);
  if (known !== undefined) return known;
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: "Where Limner Saves Images",
      openLabel: "Save Images Here",
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!folder) return undefined;
  chosen.set(context, folder.fsPath);
  context.allowFolder(folder.fsPath);
  return folder.fsPath;
}

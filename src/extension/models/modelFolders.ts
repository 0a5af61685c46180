import { dirname } from "node:path";
import * as vscode from "vscode";

const pattern = "**/model_index.json";

/** So many model folders of a workspace are offered at most. */
const most = 200;

/**
 * Tells the explorer's menu which folders of the workspace hold a model: a `when` clause cannot look into a folder.
 * @returns ends it
 */
export function watchModelFolders(): vscode.Disposable {
  const folders = new Set<string>();
  const tell = () => void vscode.commands.executeCommand("setContext", "limner.modelFolders", [...folders]);
  const add = (...found: readonly vscode.Uri[]) => {
    for (const { scheme, fsPath } of found) {
      if (scheme === "file" && folders.size < most) folders.add(dirname(fsPath));
    }
    tell();
  };
  const files = vscode.workspace.createFileSystemWatcher(pattern, false, true, false);
  files.onDidCreate((file) => add(file));
  files.onDidDelete(({ fsPath }) => {
    folders.delete(dirname(fsPath));
    tell();
  });
  tell();
  void vscode.workspace.findFiles(pattern, "**/node_modules/**", most).then((found) => add(...found));
  return files;
}

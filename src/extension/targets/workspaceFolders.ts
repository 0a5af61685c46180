import * as vscode from "vscode";
import { isBelow } from "../../platform/pathContainment.ts";

/** The workspace's folders that are on this machine: the host can write to no others. */
export function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
}

/** Whether a file is in one of the workspace's folders. */
export function isInWorkspace(file: string): boolean {
  return workspaceFolders().some((folder) => isBelow(folder, file));
}

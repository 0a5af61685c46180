import { dirname } from "node:path";
import * as vscode from "vscode";
import { isBelow } from "../../platform/pathContainment.ts";
import { isImageName } from "../targets/assetTarget.ts";
import { workspaceFolders } from "../targets/workspaceFolders.ts";
import type { MissingImage } from "./missingImage.ts";

/** The folders that a document's images may be written to: the workspace's, else the one that it is in itself. */
function foldersFor({ uri }: vscode.TextDocument): string[] {
  return vscode.workspace.getWorkspaceFolder(uri) ? workspaceFolders() : [dirname(uri.fsPath)];
}

/** Those of the images that can be drawn where the document names them: in a format and a place that Limner writes. */
export function drawable(document: vscode.TextDocument, missing: readonly MissingImage[]): MissingImage[] {
  const folders = foldersFor(document);
  return missing.filter(({ file }) => isImageName(file) && folders.some((folder) => isBelow(folder, file)));
}

import { homedir } from "node:os";
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { messageOf } from "../../../protocol/limnerError.ts";
import type { GalleryImage } from "../../../protocol/panel/gallery.ts";
import type { LimnerContext } from "../../context.ts";
import { insertImage } from "../../insertion/insertImage.ts";
import { askWhereToSave } from "../../targets/saveAs.ts";
import { isInWorkspace } from "../../targets/workspaceFolders.ts";

/** Shows an image in the explorer; one outside the workspace, in the system's file manager. */
export async function revealImage({ file }: GalleryImage): Promise<void> {
  const command = isInWorkspace(file) ? "revealInExplorer" : "revealFileInOS";
  await vscode.commands.executeCommand(command, vscode.Uri.file(file));
}

/** Names an image at the cursor of the text editor that was active last, and shows that. */
export async function insertIntoEditor(
  { lastEditor }: LimnerContext,
  { file, prompt }: GalleryImage,
): Promise<void> {
  const { place } = lastEditor;
  if (!place) {
    void vscode.window.showInformationMessage(
      "Open a text document first: the image is named at its cursor.",
    );
    return;
  }
  const { document } = place;
  await insertImage(place, { file, alt: prompt }, dirname(file));
  const tab = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(
      ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === document.uri.toString(),
    );
  await vscode.window.showTextDocument(document, { viewColumn: tab?.group.viewColumn });
}

/** Asks for a name and writes a copy there. */
export async function saveCopy({ file }: GalleryImage): Promise<void> {
  const folder = isInWorkspace(file) ? dirname(file) : homedir();
  const target = await askWhereToSave("Save a Copy of the Image", folder, file);
  if (!target || target.fsPath === file) return;
  // The dialog has asked whether a file may be replaced.
  await vscode.workspace.fs.copy(vscode.Uri.file(file), target, { overwrite: true });
}

/** What the system calls the place that deleted files can be taken back from. */
const bin = process.platform === "win32" ? "Recycle Bin" : "Trash";

/**
 * Asks, and moves an image to the bin. Where the system has none, as in remote windows, it asks whether to delete it for
 * good.
 * @returns whether it is gone
 */
export async function deleteImage({ log }: LimnerContext, { file, path }: GalleryImage): Promise<boolean> {
  const uri = vscode.Uri.file(file);
  const move = `Move to ${bin}`;
  const question = `Are you sure you want to delete ${basename(path)}?`;
  const detail = `${path} can be restored from the ${bin}.`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, move);
  if (answer !== move) return false;
  try {
    await vscode.workspace.fs.delete(uri, { useTrash: true });
    return true;
  } catch (error) {
    log.debug(`${file} was not moved to the ${bin}: ${messageOf(error)}`);
  }
  const forGood = "Delete Permanently";
  const there = `${basename(path)} cannot be moved to the ${bin} here. Delete it permanently?`;
  const agreed = await vscode.window.showWarningMessage(
    there,
    { modal: true, detail: "A file that is deleted permanently cannot be restored." },
    forGood,
  );
  if (agreed !== forGood) return false;
  await vscode.workspace.fs.delete(uri);
  return true;
}

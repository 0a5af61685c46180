import { homedir } from "node:os";
import { basename, extname, join } from "node:path";
import * as vscode from "vscode";

/** Offers to save images that are in Limner's own storage. */
export async function offerSaveAs(files: readonly string[]): Promise<void> {
  const button = files.length > 1 ? "Save the First As…" : "Save As…";
  const sentence = "The image is not saved yet.";
  const [file] = files;
  if (file === undefined) return;
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) await saveAs(file);
}

/** Asks for a name to save an image by. @param folder where the dialog begins @returns nothing where the user gives up */
export async function askWhereToSave(
  title: string,
  folder: string,
  file: string,
): Promise<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    title,
    defaultUri: vscode.Uri.file(join(folder, basename(file))),
    // The bytes are of one format, whatever the name says.
    filters: { Image: [extname(file).slice(1)] },
  });
}

/** Asks for a name, moves the image there and shows it. */
async function saveAs(file: string): Promise<void> {
  const target = await askWhereToSave("Save the Image", homedir(), file);
  if (!target) return;
  // The dialog has asked whether a file may be replaced.
  await vscode.workspace.fs.rename(vscode.Uri.file(file), target, { overwrite: true });
  await vscode.commands.executeCommand("vscode.open", target, { preview: true });
}

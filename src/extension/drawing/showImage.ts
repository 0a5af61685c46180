import * as vscode from "vscode";
import { imageColumn } from "./imageColumn.ts";

/** Opens a finished image in VS Code's own viewer, as a preview that takes no focus. */
export async function showImage(file: string, viewColumn: vscode.ViewColumn = imageColumn()): Promise<void> {
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file), {
    viewColumn,
    preserveFocus: true,
    preview: true,
  });
}

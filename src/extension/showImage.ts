import * as vscode from "vscode";

/** Opens a finished image in VS Code's own viewer, as a preview that takes no focus; beside the editor unless told where. */
export async function showImage(
  file: string,
  viewColumn: vscode.ViewColumn = vscode.ViewColumn.Beside,
): Promise<void> {
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(file), {
    viewColumn,
    preserveFocus: true,
    preview: true,
  });
}

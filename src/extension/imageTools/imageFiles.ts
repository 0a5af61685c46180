import * as vscode from "vscode";
import { isImageName } from "../targets/assetTarget.ts";

/** Whether a value is the address of an image on this machine. */
function isImageFile(value: unknown): value is vscode.Uri {
  return value instanceof vscode.Uri && value.scheme === "file" && isImageName(value.path);
}

/**
 * The images that a command is about: those selected in the explorer, the one in the title bar, else the one in the
 * active tab; the user is told where there is none.
 * @param parameters what VS Code passes: the file, and all that are selected
 */
export function imageFiles(parameters: readonly unknown[]): vscode.Uri[] {
  const [file, selection] = parameters;
  const selected = Array.isArray(selection) ? selection.filter(isImageFile) : [];
  if (selected.length > 0) return selected;
  if (isImageFile(file)) return [file];
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const open = input instanceof vscode.TabInputCustom ? input.uri : undefined;
  if (isImageFile(open)) return [open];
  void vscode.window.showInformationMessage(
    "Open an image, or right-click one in the explorer: PNG, JPEG, WebP or AVIF.",
  );
  return [];
}

import * as vscode from "vscode";

/** The type of the tabs that show drawings as they come about. */
export const previewType = "limner.preview";

/** VS Code's own viewer of images. */
const imageViewer = "imagePreview.previewEditor";

/** A column of editors, as far as it matters where an image is shown. */
export interface EditorColumn {
  readonly viewColumn: number;
  readonly isActive: boolean;
  readonly isEmpty: boolean;
  readonly showsImage: boolean;
}

/**
 * Where a new image is shown: in a column beside the active one that shows an image already, in the active one where it is
 * empty, else beside it. So images that follow one another share a column, and what is worked on stays in view.
 */
export function imageColumn(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  return columnOf(
    all.map((group) => ({
      viewColumn: group.viewColumn,
      isActive: group === activeTabGroup,
      isEmpty: group.tabs.length === 0,
      showsImage: isImage(group.activeTab),
    })),
  );
}

/** @returns the column of one of these, or `ViewColumn.Beside` */
export function columnOf(columns: readonly EditorColumn[]): number {
  const active = columns.find(({ isActive }) => isActive);
  if (active?.isEmpty) return active.viewColumn;
  const after = (column: EditorColumn) => column.viewColumn > (active?.viewColumn ?? 0);
  const others = columns.filter(({ isActive, showsImage }) => !isActive && showsImage);
  return (others.find(after) ?? others.at(-1))?.viewColumn ?? vscode.ViewColumn.Beside;
}

function isImage(tab: vscode.Tab | undefined): boolean {
  const { input } = tab ?? {};
  if (input instanceof vscode.TabInputCustom) return input.viewType === imageViewer;
  // VS Code puts a word of its own before the type.
  return input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${previewType}`);
}

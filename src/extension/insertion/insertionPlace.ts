import * as vscode from "vscode";

/** Where an image is to be inserted. */
export interface InsertionPlace {
  readonly document: vscode.TextDocument;
  /** Where the cursor was; it is asked again where the document is still shown. */
  readonly position: vscode.Position;
  /** Behind the line of the cursor, for what was made of a selection. */
  readonly isBelow: boolean;
}

/** The place of the cursor of the active text editor. */
export function insertionPlace(isBelow = false): InsertionPlace | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  return { document: editor.document, position: editor.selection.end, isBelow };
}

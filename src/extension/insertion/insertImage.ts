import { join } from "node:path";
import * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";
import { readSetting } from "../settings.ts";
import { hasImageForm, insertionFor, pathFromDocument, textInLine } from "./insertion.ts";
import type { InsertionPlace } from "./insertionPlace.ts";

/**
 * Names an image at the cursor, as one step that can be undone.
 * @param folder what the path is relative to where the document has no file yet
 * @returns whether it was inserted
 */
export async function insertImage(
  { document, position, isBelow }: InsertionPlace,
  image: { file: string; alt: string },
  folder: string,
): Promise<boolean> {
  const from = document.uri.scheme === "file" ? document.uri.fsPath : join(folder, "untitled");
  const path = pathFromDocument(from, image.file);
  const insertion = insertionFor(document.languageId, { path, alt: image.alt });
  const editor = vscode.window.visibleTextEditors.find((other) => other.document === document);
  const cursor = document.validatePosition(editor?.selection.end ?? position);
  const line = document.lineAt(cursor.line).text;
  const eol = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  const place = isBelow ? new vscode.Position(cursor.line, line.length) : cursor;
  const [before, after] = [line.slice(0, place.character), line.slice(place.character)];
  const text = isBelow
    ? `${eol}${textInLine(insertion, "", "", eol)}`
    : textInLine(insertion, before, after, eol);
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, place, text);
  return vscode.workspace.applyEdit(edit);
}

/** Inserts a finished image, or offers to, as the setting says. */
export async function offerInsertion(
  context: LimnerContext,
  place: InsertionPlace,
  image: { file: string; alt: string },
  folder: string,
): Promise<void> {
  const { document } = place;
  const how = readSetting("limner.insertion", document.uri);
  if (how === "never" || document.isClosed) return;
  if (how === "ask" || !hasImageForm(document.languageId)) {
    const button = "Insert at the Cursor";
    const name = vscode.workspace.asRelativePath(image.file);
    if ((await vscode.window.showInformationMessage(`Drawn: ${name}`, button)) !== button) return;
  }
  if (document.isClosed) return;
  if (!(await insertImage(place, image, folder))) {
    context.log.warn(`${image.file} could not be inserted into ${document.uri.toString()}.`);
  }
}

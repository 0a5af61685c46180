import { dirname } from "node:path";
import * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";
import { drawWithProgress, requestSettings } from "../drawing/drawing.ts";
import type { DrawingRequest } from "../host/hostSession.ts";
import { drawable } from "./drawable.ts";
import { isWatched } from "./languages.ts";
import { type MissingImage, promptOf, sizeOf } from "./missingImage.ts";

/** The quick fix of one image. @param parameters the document's address and the image's file */
export async function generateMissingImage(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const [uri, file] = parameters;
  if (!(uri instanceof vscode.Uri)) return generateMissingImages(context);
  const document = await vscode.workspace.openTextDocument(uri);
  await drawMissing(context, document, (image) => image.file === file);
}

/** "Generate Missing Images of This File". @param parameters the document's address; none for the active editor's */
export async function generateMissingImages(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const [uri] = parameters;
  const document =
    uri instanceof vscode.Uri
      ? await vscode.workspace.openTextDocument(uri)
      : vscode.window.activeTextEditor?.document;
  if (!document || !isWatched(document)) {
    void vscode.window.showInformationMessage("Open a Markdown or HTML file that names images.");
    return;
  }
  await drawMissing(context, document, () => true);
}

/** Draws the missing images of a document that are wanted, as one batch, each at the path that the document names. */
async function drawMissing(
  context: LimnerContext,
  document: vscode.TextDocument,
  isWanted: (image: MissingImage) => boolean,
): Promise<void> {
  const wanted = drawable(document, await context.missingImages.check(document)).filter(isWanted);
  // What is named twice is drawn once; the first says how.
  const images = [...new Map(wanted.toReversed().map((image) => [image.file, image])).values()].toReversed();
  if (images.length === 0) {
    vscode.window.setStatusBarMessage("No image is missing that Limner could draw.", 5000);
    return;
  }
  if (!vscode.workspace.getWorkspaceFolder(document.uri)) context.allowFolder(dirname(document.uri.fsPath));
  const drawings = images.map((image) => drawingOf(document, image));
  const title = images.length > 1 ? `Limner draws ${images.length} missing images` : undefined;
  const drawn = await drawWithProgress(context, drawings, { title });
  await context.missingImages.check(document);
  const files = new Set(images.map(({ file }) => file));
  for (const { file } of drawn.filter((image) => !files.has(image.file))) {
    // Someone else has written the file meanwhile: nothing is ever replaced.
    void vscode.window.showWarningMessage(
      `The file that ${vscode.workspace.asRelativePath(document.uri)} names is there by now. What was drawn is ${file}.`,
    );
  }
}

function drawingOf(document: vscode.TextDocument, image: MissingImage): DrawingRequest {
  const outputSize = sizeOf(image);
  return {
    request: {
      ...requestSettings(document.uri),
      prompt: promptOf(image),
      ...(outputSize ? { outputSize } : {}),
    },
    target: { kind: "file", file: image.file },
  };
}

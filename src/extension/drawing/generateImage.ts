import * as vscode from "vscode";
import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import type { LimnerContext } from "../context.ts";
import { offerInsertion } from "../insertion/insertImage.ts";
import { type InsertionPlace, insertionPlace } from "../insertion/insertionPlace.ts";
import { askForPrompt } from "../questions/promptInput.ts";
import { offerSaveAs } from "../targets/saveAs.ts";
import { newImagePlace, newImageTarget } from "../targets/targetFolder.ts";
import { drawAndShow, requestSettings } from "./drawing.ts";

/** "Generate Image…": asks for a prompt, draws it, shows it, and names it at the cursor. */
export async function generateImage(context: LimnerContext): Promise<void> {
  const place = insertionPlace();
  const prompt = await askForPrompt({ title: "Generate Image", history: context.history.all() });
  if (prompt === undefined) return;
  await drawPrompt(context, { prompt }, place);
}

/** "Generate Image from Selection": the selected text is the prompt. */
export async function generateFromSelection(context: LimnerContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const prompt = editor?.document.getText(editor.selection).replaceAll(/\s+/g, " ").trim() ?? "";
  if (prompt === "") {
    void vscode.window.showInformationMessage("Select the text to draw first.");
    return;
  }
  await drawPrompt(context, { prompt }, insertionPlace(true));
}

/**
 * Draws into the workspace by the pattern of the settings, shows the image, and names it where the cursor was.
 * @param request what it says goes before the settings
 */
export async function drawPrompt(
  context: LimnerContext,
  request: GenerateRequest,
  place: InsertionPlace | undefined,
): Promise<void> {
  const where = await newImagePlace(context, place?.document.uri);
  if (!where) return;
  const { folder, isUnsaved } = where;
  await context.history.add(request.prompt);
  const drawing = {
    request: { ...requestSettings(vscode.Uri.file(folder)), ...request },
    target: newImageTarget(where),
  };
  const images = await drawAndShow(context, [drawing]);
  const [image] = images;
  if (isUnsaved) await offerSaveAs(images.map(({ file }) => file));
  else if (image && place) {
    await offerInsertion(context, place, { file: image.file, alt: request.prompt }, folder);
  }
}

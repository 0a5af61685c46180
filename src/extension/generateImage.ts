import * as vscode from "vscode";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { patternTarget } from "./assetTarget.ts";
import type { LimnerContext } from "./context.ts";
import { drawWithProgress, requestSettings, showImage } from "./drawing.ts";
import { type InsertionPlace, insertionPlace, offerInsertion } from "./insertImage.ts";
import { askForPrompt } from "./promptInput.ts";
import { readSetting } from "./settings.ts";
import { targetFolder } from "./targetFolder.ts";

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
  const folder = await targetFolder(context, place?.document.uri);
  if (folder === undefined) return;
  const scope = vscode.Uri.file(folder);
  const { prompt } = request;
  await context.history.add(prompt);
  const target = patternTarget(folder, readSetting("limner.assets.pattern", scope));
  const [image] = await drawWithProgress(context, [
    { request: { ...requestSettings(scope), ...request }, target },
  ]);
  if (!image) return;
  await showImage(image);
  if (place) await offerInsertion(context, place, { file: image.file, alt: prompt }, folder);
}

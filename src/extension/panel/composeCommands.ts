import type * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";
import { imageFiles } from "../imageTools/imageFiles.ts";
import { parametersOf } from "../imageTools/imageJobs.ts";
import { reusable } from "../imageTools/reuse.ts";
import { showPanel } from "./openPanel.ts";

/** "Inpaint…": the panel with the image to begin with, and the mask brush at hand. */
export async function inpaint(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const [file] = imageFiles(parameters);
  if (!file) return;
  const panel = showPanel(context);
  const { prompt = "", negativePrompt, model } = await parametersOf(context, file);
  const request = { prompt, negativePrompt, model };
  await panel.compose({ request, source: file.fsPath, mask: true });
}

/** Fills the panel's composer with what an image was drawn from. */
export async function reuseInPanel(context: LimnerContext, file: vscode.Uri): Promise<void> {
  const request = reusable(await parametersOf(context, file));
  await showPanel(context).compose({ request });
}

import { randomInt } from "node:crypto";
import { dirname } from "node:path";
import type * as vscode from "vscode";
import type { GenerateRequest } from "../../protocol/generateRequest.ts";
import { readParameters } from "../../protocol/readParameters.ts";
import type { LimnerContext } from "../context.ts";
import { drawAndShow, requestSettings } from "../drawing/drawing.ts";
import { askForPrompt } from "../questions/promptInput.ts";
import { besideTarget } from "../targets/assetTarget.ts";
import { isInWorkspace } from "../targets/workspaceFolders.ts";

/** What an image says about how it was made. */
export async function parametersOf(
  { host }: LimnerContext,
  file: vscode.Uri,
): Promise<Partial<GenerateRequest>> {
  const { found } = await host.ask(readParameters, { file: file.fsPath });
  return found?.request ?? {};
}

/** An image with what it says about how it was made; what it shows was typed where it does not say. */
export interface KnownImage {
  readonly file: vscode.Uri;
  readonly known: Partial<GenerateRequest> & { readonly prompt: string };
}

/**
 * Reads what images say about how they were made; where one has no prompt, the user is asked for what it shows.
 * @returns nothing where the user gives up
 */
export async function knownImages(
  context: LimnerContext,
  title: string,
  files: readonly vscode.Uri[],
): Promise<readonly KnownImage[] | undefined> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, known: await parametersOf(context, file) })),
  );
  const needsPrompt = found.some(({ known }) => known.prompt === undefined);
  const question = { title: `${title}: What the Image Shows`, history: context.history.all() };
  const typed = needsPrompt ? await askForPrompt(question) : "";
  return typed === undefined
    ? undefined
    : found.map(({ file, known }) => ({ file, known: { prompt: typed, ...known } }));
}

/** What is asked for of an image, whatever is done with it. @param model the one that was chosen, if any was */
export function requestOfImage({ file, known }: KnownImage, model: string | undefined): GenerateRequest {
  const { prompt, negativePrompt } = known;
  return {
    ...requestSettings(file),
    prompt,
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(model === undefined ? {} : { model }),
    images: [file.fsPath],
    seed: randomSeed(),
  };
}

export function randomSeed(): number {
  return randomInt(2 ** 32);
}

/** Images may lie outside the workspace: who chose one wants the result beside it. */
export function allowBeside(context: LimnerContext, files: readonly vscode.Uri[]): void {
  for (const { fsPath } of files) {
    if (!isInWorkspace(fsPath)) context.allowFolder(dirname(fsPath));
  }
}

/** Draws something of each image, beside it, and shows the first result. */
export async function drawBeside(
  context: LimnerContext,
  images: readonly KnownImage[],
  requestOf: (image: KnownImage) => GenerateRequest,
): Promise<void> {
  allowBeside(
    context,
    images.map(({ file }) => file),
  );
  const drawings = images.map((image) => ({
    request: requestOf(image),
    target: besideTarget(image.file.fsPath),
  }));
  await drawAndShow(context, drawings);
}

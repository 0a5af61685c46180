import { randomInt } from "node:crypto";
import { dirname } from "node:path";
import type * as vscode from "vscode";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { readParameters } from "../protocol/readParameters.ts";
import { besideTarget } from "./assetTarget.ts";
import type { LimnerContext } from "./context.ts";
import { drawAndShow } from "./drawing.ts";
import { isBelow } from "./isBelow.ts";
import { askForPrompt } from "./promptInput.ts";
import { workspaceFolders } from "./workspaceFolders.ts";

/** What an image says about how it was made. */
export async function parametersOf(
  { host }: LimnerContext,
  file: vscode.Uri,
): Promise<Partial<GenerateRequest>> {
  const { found } = await host.ask(readParameters, { file: file.fsPath });
  return found?.request ?? {};
}

/** What images say about how they were made, and what was typed for those that do not say what they show. */
export interface KnownImages {
  /** In the order of the files. */
  readonly known: readonly (Partial<GenerateRequest> & { readonly prompt: string })[];
}

/**
 * Reads what images say about how they were made; where one has no prompt, the user is asked for what it shows.
 * @returns nothing where the user gives up
 */
export async function knownImages(
  context: LimnerContext,
  title: string,
  files: readonly vscode.Uri[],
): Promise<KnownImages | undefined> {
  const found = await Promise.all(files.map((file) => parametersOf(context, file)));
  const needsPrompt = found.some(({ prompt }) => prompt === undefined);
  const question = { title: `${title}: What the Image Shows`, history: context.history.all() };
  const typed = needsPrompt ? await askForPrompt(question) : "";
  return typed === undefined ? undefined : { known: found.map((one) => ({ prompt: typed, ...one })) };
}

export function randomSeed(): number {
  return randomInt(2 ** 32);
}

/** Images may lie outside the workspace: who chose one wants the result beside it. */
export function allowBeside(context: LimnerContext, files: readonly vscode.Uri[]): void {
  for (const { fsPath } of files) {
    if (!workspaceFolders().some((folder) => isBelow(folder, fsPath))) context.allowFolder(dirname(fsPath));
  }
}

/** Draws something of each file, beside it, and shows the first result. */
export async function drawBeside(
  context: LimnerContext,
  files: readonly vscode.Uri[],
  requestOf: (file: vscode.Uri, index: number) => GenerateRequest,
): Promise<void> {
  allowBeside(context, files);
  const drawings = files.map((file, index) => ({
    request: requestOf(file, index),
    target: besideTarget(file.fsPath),
  }));
  await drawAndShow(context, drawings);
}

import { randomInt } from "node:crypto";
import type * as vscode from "vscode";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import { readParameters } from "../protocol/readParameters.ts";
import { besideTarget } from "./assetTarget.ts";
import type { LimnerContext } from "./context.ts";
import { drawWithProgress, requestSettings, showImage } from "./drawing.ts";
import { drawPrompt } from "./generateImage.ts";
import { imageFiles } from "./imageFiles.ts";
import { askForImageToImage } from "./imageToImageInput.ts";
import { insertionPlace } from "./insertImage.ts";
import { askFromList } from "./multiStep.ts";
import { askForPrompt } from "./promptInput.ts";
import { reusable, variationsOf } from "./reuse.ts";
import { strengthChoices } from "./strength.ts";

/** What an image says about how it was made. */
async function parametersOf({ host }: LimnerContext, file: string): Promise<Partial<GenerateRequest>> {
  const { found } = await host.ask(readParameters, { file });
  return found?.request ?? {};
}

/** "Image to Image…": draws each of the files anew, beside it. */
export async function imageToImage(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const files = imageFiles(parameters);
  const [first] = files;
  if (!first) return;
  const known = await parametersOf(context, first.fsPath);
  const answers = await askForImageToImage(context, known.prompt ?? "");
  if (!answers) return;
  const { prompt, strength, model } = answers;
  await context.history.add(prompt);
  const { negativePrompt } = known;
  await drawBeside(context, files, (file) => ({
    ...requestSettings(file),
    prompt,
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(model === undefined ? {} : { model }),
    images: [file.fsPath],
    strength,
    keepSize: true,
    seed: randomSeed(),
  }));
}

/** "Make Variations…": four that are near each of the files, beside it. */
export async function makeVariations(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const files = imageFiles(parameters);
  if (files.length === 0) return;
  const title = "Make Variations: How Different?";
  const answer = await askFromList({
    title,
    placeholder: "A word, or a number from 0 to 1",
    step: { number: 1, of: 1 },
    choices: strengthChoices,
  });
  if (answer.kind !== "value") return;
  const { strength } = answer.value;
  const found = await Promise.all(files.map(({ fsPath }) => parametersOf(context, fsPath)));
  const needsPrompt = found.some(({ prompt }) => prompt === undefined);
  const typed = needsPrompt
    ? await askForPrompt({ title: "Make Variations: What the Image Shows", history: context.history.all() })
    : "";
  if (typed === undefined) return;
  await drawBeside(context, files, (file, index) =>
    variationsOf({ ...requestSettings(file), prompt: typed, ...found[index] }, file.fsPath, strength),
  );
}

/** "Reuse Parameters": draws again what an image was drawn from; the prompt can be changed. */
export async function reuseParameters(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const [file] = imageFiles(parameters);
  if (!file) return;
  const known = await parametersOf(context, file.fsPath);
  const prompt = await askForPrompt({
    title: known.prompt === undefined ? "The Image Carries No Parameters: What to Draw" : "Reuse Parameters",
    history: context.history.all(),
    value: known.prompt,
  });
  if (prompt === undefined) return;
  await drawPrompt(context, { ...reusable(known), prompt }, insertionPlace());
}

function randomSeed(): number {
  return randomInt(2 ** 32);
}

/** Draws something of each file and shows the first result. */
async function drawBeside(
  context: LimnerContext,
  files: readonly vscode.Uri[],
  requestOf: (file: vscode.Uri, index: number) => GenerateRequest,
): Promise<void> {
  const drawings = files.map((file, index) => ({
    request: requestOf(file, index),
    target: besideTarget(file.fsPath),
  }));
  const [image] = await drawWithProgress(context, drawings);
  if (image) await showImage(image);
}

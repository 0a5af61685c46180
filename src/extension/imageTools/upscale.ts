import type * as vscode from "vscode";
import type { LimnerContext } from "../context.ts";
import { askForModels, modelStep } from "../models/models.ts";
import { askSteps, listStep } from "../questions/multiStep.ts";
import { type StrengthWord, strengthChoices } from "../questions/strength.ts";
import { imageFiles } from "./imageFiles.ts";
import { drawBeside, knownImages, requestOfImage } from "./imageJobs.ts";

const title = "Upscale";

interface FactorChoice extends vscode.QuickPickItem {
  readonly factor: number;
}

/** An entry of the list of how much detail is drawn. */
export interface DetailChoice extends vscode.QuickPickItem {
  /** Absent: what suits the model. */
  readonly strength?: number;
}

/** How many times as large an image becomes: the usual ones, or the one that was typed. */
export function factorChoices(typed: string): FactorChoice[] {
  const number = Number(typed.trim().replace(/[x×]$/i, "").replace(",", "."));
  if (typed.trim() !== "" && number >= 1.5 && number <= 4) {
    return [{ label: `${number}×`, description: "as typed", factor: number }];
  }
  return [2, 4, 1.5, 3].map((factor) => ({
    label: `${factor}×`,
    description: factor === 2 ? "four times the pixels" : factor === 4 ? "takes long" : undefined,
    factor,
  }));
}

const detailWords: readonly StrengthWord[] = [
  { word: "Faithful", strength: 0.1, meaning: "only sharper" },
  { word: "A little", strength: 0.2, meaning: "fine textures are drawn" },
  { word: "More", strength: 0.35, meaning: "details are drawn, and may differ" },
];

/** How much detail is drawn into an enlarged image: what suits the model, a word, or the number that was typed. */
export function detailChoices(typed: string): DetailChoice[] {
  const own: DetailChoice[] = typed.trim() === "" ? [{ label: "As Suits the Model" }] : [];
  return [...own, ...strengthChoices(typed, detailWords)];
}

/** "Upscale…": enlarges each of the files with detail that the model draws, beside it. */
export async function upscale(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const files = imageFiles(parameters);
  if (files.length === 0) return;
  const models = await askForModels(context);
  const answers: { factor: number; strength?: number; model?: string } = { factor: 2 };
  const factor = listStep(
    {
      title,
      placeholder: "How many times as wide and high: choose, or type a number from 1.5 to 4",
      choices: factorChoices,
    },
    (choice) => {
      answers.factor = choice.factor;
    },
  );
  const detail = listStep(
    {
      title,
      placeholder: "How much detail is drawn: a word, or a number from 0 to 1",
      choices: detailChoices,
    },
    (choice) => {
      answers.strength = choice.strength;
    },
  );
  const model = modelStep(title, "The model that draws the detail", models, (name) => {
    answers.model = name;
  });
  if (!(await askSteps([factor, detail, ...(models.length > 1 ? [model] : [])]))) return;
  const images = await knownImages(context, title, files);
  if (!images) return;
  await drawBeside(context, images, (image) => ({
    ...requestOfImage(image, answers.model),
    upscale: answers.factor,
    ...(answers.strength === undefined ? {} : { upscaleStrength: answers.strength }),
  }));
}

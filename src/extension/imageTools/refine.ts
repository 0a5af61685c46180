import * as vscode from "vscode";
import { listModels } from "../../protocol/listModels.ts";
import type { CommandName } from "../commandNames.ts";
import type { LimnerContext } from "../context.ts";
import { modelChoices, modelStep } from "../models/models.ts";
import { askSteps } from "../questions/multiStep.ts";
import { strengthStep } from "../questions/strengthStep.ts";
import { imageFiles } from "./imageFiles.ts";
import { drawBeside, knownImages, requestOfImage } from "./imageJobs.ts";

const title = "Refine";

/** "Refine…": has a refiner draw each of the files anew with a low strength, beside it. */
export async function refine(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const files = imageFiles(parameters);
  if (files.length === 0) return;
  const { models } = await context.host.ask(listModels, {});
  const refiners = modelChoices(models, "", ["refiner"]);
  if (refiners.length === 0) return offerRefiner();
  const answers = { model: refiners[0]?.model ?? "", strength: 0 };
  const model = modelStep(title, "The refiner", refiners, (name) => {
    answers.model = name;
  });
  const strength = strengthStep(title, "How much is drawn anew", (value) => {
    answers.strength = value;
  });
  if (!(await askSteps([...(refiners.length > 1 ? [model] : []), strength]))) return;
  const images = await knownImages(context, title, files);
  if (!images) return;
  await drawBeside(context, images, (image) => ({
    ...requestOfImage(image, answers.model),
    strength: answers.strength,
    keepSize: true,
  }));
}

async function offerRefiner(): Promise<void> {
  const button = "Get a Model…";
  const sentence = "There is no refiner yet. SDXL's own is “sdxl-refiner” in the list of models to get.";
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) {
    await vscode.commands.executeCommand("limner.getModel" satisfies CommandName);
  }
}

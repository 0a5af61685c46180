import * as vscode from "vscode";
import { listModels } from "../protocol/listModels.ts";
import type { CommandName } from "./commandNames.ts";
import type { LimnerContext } from "./context.ts";
import { requestSettings } from "./drawing.ts";
import { imageFiles } from "./imageFiles.ts";
import { drawBeside, knownImages, randomSeed } from "./imageJobs.ts";
import { modelChoices, modelStep } from "./models.ts";
import { askSteps, listStep } from "./multiStep.ts";
import { strengthChoices } from "./strength.ts";

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
  const strength = listStep(
    {
      title,
      placeholder: "How much is drawn anew: a word, or a number from 0 to 1",
      choices: (typed) => strengthChoices(typed),
    },
    (choice) => {
      answers.strength = choice.strength;
    },
  );
  if (!(await askSteps([...(refiners.length > 1 ? [model] : []), strength]))) return;
  const images = await knownImages(context, title, files);
  if (!images) return;
  await drawBeside(context, files, (file, index) => {
    const { prompt = "", negativePrompt } = images.known[index] ?? {};
    return {
      ...requestSettings(file),
      prompt,
      ...(negativePrompt === undefined ? {} : { negativePrompt }),
      model: answers.model,
      images: [file.fsPath],
      strength: answers.strength,
      keepSize: true,
      seed: randomSeed(),
    };
  });
}

async function offerRefiner(): Promise<void> {
  const button = "Get a Model…";
  const sentence = "There is no refiner yet. SDXL's own is “sdxl-refiner” in the list of models to get.";
  if ((await vscode.window.showInformationMessage(sentence, button)) === button) {
    await vscode.commands.executeCommand("limner.getModel" satisfies CommandName);
  }
}

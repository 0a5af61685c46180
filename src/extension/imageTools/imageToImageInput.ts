import type { LimnerContext } from "../context.ts";
import { askForModels, modelStep } from "../models/models.ts";
import { askSteps, type Step } from "../questions/multiStep.ts";
import { askForPrompt } from "../questions/promptInput.ts";
import { strengthStep } from "../questions/strengthStep.ts";

/** What is drawn of images. */
export interface ImageToImageAnswers {
  readonly prompt: string;
  readonly strength: number;
  /** Absent where there is only one to draw with. */
  readonly model?: string;
}

const title = "Image to Image";

/**
 * Asks for prompt, strength and model, one after the other; each question but the first has a way back.
 * @param known what the image itself says
 * @returns nothing where the user gives up
 */
export async function askForImageToImage(
  context: LimnerContext,
  known: string,
): Promise<ImageToImageAnswers | undefined> {
  const models = await askForModels(context);
  const answers: { prompt: string; strength: number; model?: string } = { prompt: known, strength: 0 };
  const prompt: Step = async (step) => {
    const typed = await askForPrompt({
      title,
      history: context.history.all(),
      value: answers.prompt,
      step,
    });
    if (typed === undefined) return "none";
    answers.prompt = typed;
    return "value";
  };
  const strength = strengthStep(title, "How much is drawn anew", (value) => {
    answers.strength = value;
  });
  const model = modelStep(title, "The model to draw with", models, (name) => {
    answers.model = name;
  });
  const steps = [prompt, strength, ...(models.length > 1 ? [model] : [])];
  return (await askSteps(steps)) ? answers : undefined;
}

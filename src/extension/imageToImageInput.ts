import type { LimnerContext } from "./context.ts";
import { askForModels, type ModelChoice } from "./models.ts";
import { askFromList } from "./multiStep.ts";
import { askForPrompt } from "./promptInput.ts";
import { type StrengthChoice, strengthChoices } from "./strength.ts";

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
 * @param prompt what the image itself says
 * @returns nothing where the user gives up
 */
export async function askForImageToImage(
  context: LimnerContext,
  prompt: string,
): Promise<ImageToImageAnswers | undefined> {
  const models = await askForModels(context);
  const of = models.length > 1 ? 3 : 2;
  let typed = prompt;
  let strength: StrengthChoice | undefined;
  for (let number = 1; ; ) {
    if (number === 1) {
      const answer = await askForPrompt({
        title,
        history: context.history.all(),
        value: typed,
        step: { number, of },
      });
      if (answer === undefined) return undefined;
      typed = answer;
      number = 2;
    } else if (number === 2) {
      const answer = await askFromList<StrengthChoice>({
        title,
        placeholder: "How much is drawn anew: a word, or a number from 0 to 1",
        step: { number, of },
        choices: strengthChoices,
      });
      if (answer.kind === "none") return undefined;
      if (answer.kind === "value") strength = answer.value;
      number = answer.kind === "back" ? 1 : 3;
    } else if (strength && of === 2) {
      return { prompt: typed, strength: strength.strength };
    } else {
      const answer = await askFromList<ModelChoice>({
        title,
        placeholder: "The model to draw with",
        step: { number, of },
        choices: (text) => models.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase())),
      });
      if (answer.kind === "none") return undefined;
      if (answer.kind === "value" && strength) {
        return { prompt: typed, strength: strength.strength, model: answer.value.model };
      }
      number = 2;
    }
  }
}

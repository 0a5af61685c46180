import type { LimnerContext } from "../context.ts";
import { requestSettings } from "../drawing/drawing.ts";
import { drawPrompt } from "../drawing/generateImage.ts";
import { insertionPlace } from "../insertion/insertionPlace.ts";
import { reuseInPanel } from "../panel/composeCommands.ts";
import { askSteps } from "../questions/multiStep.ts";
import { askForPrompt } from "../questions/promptInput.ts";
import { strengthStep } from "../questions/strengthStep.ts";
import { imageFiles } from "./imageFiles.ts";
import { drawBeside, knownImages, parametersOf, requestOfImage } from "./imageJobs.ts";
import { askForImageToImage } from "./imageToImageInput.ts";
import { reusable, variationsOf } from "./reuse.ts";

/** "Image to Image…": draws each of the files anew, beside it. */
export async function imageToImage(context: LimnerContext, ...parameters: readonly unknown[]): Promise<void> {
  const files = imageFiles(parameters);
  const [first] = files;
  if (!first) return;
  const known = await parametersOf(context, first);
  const answers = await askForImageToImage(context, known.prompt ?? "");
  if (!answers) return;
  const { prompt, strength, model } = answers;
  await context.history.add(prompt);
  const { negativePrompt } = known;
  const images = files.map((file) => ({ file, known: { prompt, negativePrompt } }));
  await drawBeside(context, images, (image) => ({
    ...requestOfImage(image, model),
    strength,
    keepSize: true,
  }));
}

/** "Make Variations…": four that are near each of the files, beside it. */
export async function makeVariations(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const files = imageFiles(parameters);
  if (files.length === 0) return;
  const title = "Make Variations";
  let strength = 0;
  const how = strengthStep(title, "How different", (value) => {
    strength = value;
  });
  if (!(await askSteps([how]))) return;
  const images = await knownImages(context, title, files);
  if (!images) return;
  await drawBeside(context, images, ({ file, known }) =>
    variationsOf({ ...requestSettings(file), ...known }, file.fsPath, strength),
  );
}

/**
 * "Reuse Parameters": draws again what an image was drawn from. Where the panel is open, its composer is filled with it;
 * else the prompt can be changed.
 */
export async function reuseParameters(
  context: LimnerContext,
  ...parameters: readonly unknown[]
): Promise<void> {
  const [file] = imageFiles(parameters);
  if (!file) return;
  if (context.panel.current) return reuseInPanel(context, file);
  const known = await parametersOf(context, file);
  const prompt = await askForPrompt({
    title: known.prompt === undefined ? "The Image Carries No Parameters: What to Draw" : "Reuse Parameters",
    history: context.history.all(),
    value: known.prompt,
  });
  if (prompt === undefined) return;
  await drawPrompt(context, { ...reusable(known), prompt }, insertionPlace());
}

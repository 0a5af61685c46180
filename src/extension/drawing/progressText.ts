import type { Progress } from "../../protocol/progress.ts";

/** The sentence of a report, for a notification: `2 of 3: step 12 of 20, 8 s left`. */
export function progressText(progress: Progress): string {
  const { image, images, secondsLeft } = progress;
  const which = images > 1 ? `${image + 1} of ${images}: ` : "";
  const left = secondsLeft === undefined ? "" : `, ${Math.ceil(secondsLeft)} s left`;
  return `${which}${stageText(progress)}${left}`;
}

function stageText({ stage, step, steps, detail }: Progress): string {
  switch (stage) {
    case "load":
      return detail ?? "loading the model";
    case "encode":
      return detail ?? "reading the prompt";
    case "denoise":
      return `step ${step} of ${steps}`;
    case "decode":
      return "finishing";
    case "write":
      return "saving";
  }
}

/** How much of a job is done, 0 to 1. */
export function progressFraction({ image, images, stage, step, steps }: Progress): number {
  const isDrawn = stage === "decode" || stage === "write";
  const ofImage = isDrawn ? 1 : steps === 0 ? 0 : step / steps;
  return Math.min((image + ofImage) / images, 1);
}

/** A prompt as a title. */
export function shortPrompt(prompt: string, longest = 60): string {
  const line = prompt.replaceAll(/\s+/g, " ").trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`;
}

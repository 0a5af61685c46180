import type { Progress } from "../protocol/progress.ts";

/** Where progress is written: standard error. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
}

function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function sentenceOf(progress: Progress): string {
  const image = progress.images > 1 ? `Image ${progress.image + 1}/${progress.images}: ` : "";
  const left = progress.secondsLeft === undefined ? "" : `, ${duration(progress.secondsLeft)} left`;
  switch (progress.stage) {
    case "load":
      return `${progress.detail ?? "Loading the model"}…`;
    case "encode":
      return `${image}Reading the prompt…`;
    case "denoise":
      return `${image}Step ${progress.step}/${progress.steps}${left}`;
    case "decode":
      return `${image}Decoding${left}…`;
    case "write":
      return `${image}Writing…`;
  }
}

/**
 * Writes progress for people: one line that is rewritten on a terminal; elsewhere a line whenever the stage changes
 * and at every tenth of the steps, so that a log stays short.
 */
export class ProgressLine {
  readonly #output: ProgressOutput;
  #lastWritten = "";
  #lastKey = "";

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(progress: Progress): void {
    const sentence = sentenceOf(progress);
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[2K${sentence}`);
      this.#lastWritten = sentence;
      return;
    }
    const tenth = progress.stage === "denoise" ? Math.floor((10 * progress.step) / progress.steps) : 0;
    const key = `${progress.image} ${progress.stage} ${tenth} ${progress.stage === "load" ? sentence : ""}`;
    if (key === this.#lastKey) return;
    this.#lastKey = key;
    this.#output.write(`${sentence}\n`);
  }

  /** A line that stays, above the progress. */
  note(sentence: string): void {
    this.end();
    this.#output.write(`${sentence}\n`);
  }

  /** Removes the rewritten line. */
  end(): void {
    if (this.#output.isTTY && this.#lastWritten) this.#output.write("\r\x1b[2K");
    this.#lastWritten = "";
  }
}

import type { ConversionProgress } from "../convert/conversion.ts";
import type { ProgressOutput } from "./progressLine.ts";

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function sentenceOf({ bytesDone, bytesTotal, secondsLeft }: ConversionProgress): string {
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesDone) / bytesTotal);
  const left = secondsLeft === undefined ? "" : `, ${duration(secondsLeft)} left`;
  return `Converting: ${percent} % (${gigabytes(bytesDone)} of ${gigabytes(bytesTotal)} GB${left})`;
}

/** Writes a conversion's progress: one line that is rewritten on a terminal, elsewhere a line at every tenth. */
export class ConversionLine {
  readonly #output: ProgressOutput;
  #isShown = false;
  #lastTenth = -1;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(progress: ConversionProgress): void {
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[2K${sentenceOf(progress)}`);
      this.#isShown = true;
      return;
    }
    const tenth = Math.floor((10 * progress.bytesDone) / Math.max(1, progress.bytesTotal));
    if (tenth === this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.#output.write(`${sentenceOf(progress)}\n`);
  }

  /** A line that stays, above the progress. */
  note(sentence: string): void {
    this.end();
    this.#output.write(`${sentence}\n`);
  }

  /** Removes the rewritten line. */
  end(): void {
    if (this.#isShown) this.#output.write("\r\x1b[2K");
    this.#isShown = false;
  }
}

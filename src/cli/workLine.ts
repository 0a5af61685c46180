import type { ProgressOutput } from "./progressLine.ts";

/** Writes the progress of work in bytes: one line that is rewritten on a terminal, elsewhere a line at every tenth. */
export class WorkLine {
  readonly #output: ProgressOutput;
  #isShown = false;
  #last = "";

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /**
   * @param what is going on: a new kind of work begins its tenths anew
   * @param fraction of the work that is done
   */
  show(what: string, sentence: string, fraction: number): void {
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[2K${sentence}`);
      this.#isShown = true;
      return;
    }
    const key = `${what} ${Math.floor(10 * fraction)}`;
    if (key === this.#last) return;
    this.#last = key;
    this.#output.write(`${sentence}\n`);
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

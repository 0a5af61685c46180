import type { ConversionProgress } from "./conversion.ts";

const leastMilliseconds = 100;
const secondsBeforeEstimate = 2;

/** Counts converted bytes, estimates the time left, and reports at most ten times a second. */
export class ProgressMeter {
  readonly #total: number;
  readonly #report: (progress: ConversionProgress) => void;
  readonly #now: () => number;
  readonly #started: number;
  #done = 0;
  #lastReport = Number.NEGATIVE_INFINITY;

  /** @param now a clock in milliseconds */
  constructor(
    total: number,
    report: (progress: ConversionProgress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#total = total;
    this.#report = report;
    this.#now = now;
    this.#started = now();
  }

  /** Adds `bytes` more that are done. */
  add(bytes: number): void {
    this.#done = Math.min(this.#done + bytes, this.#total);
    const now = this.#now();
    if (now - this.#lastReport < leastMilliseconds && this.#done < this.#total) return;
    this.#lastReport = now;
    this.#report({ bytesDone: this.#done, bytesTotal: this.#total, secondsLeft: this.#secondsLeft(now) });
  }

  #secondsLeft(now: number): number | undefined {
    const seconds = (now - this.#started) / 1000;
    if (seconds < secondsBeforeEstimate || this.#done === 0) return undefined;
    return (seconds / this.#done) * (this.#total - this.#done);
  }
}

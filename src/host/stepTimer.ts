/** Tells how long a job will still take, from the steps that were timed. */
export class StepTimer {
  readonly #now: () => number;
  #last: number | undefined;
  #fastest = Number.POSITIVE_INFINITY;
  #timed = 0;

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Steps begin, or go on after something else took time. */
  start(): void {
    this.#last = this.#now();
  }

  /** A step has ended. */
  step(): void {
    const now = this.#now();
    if (this.#last !== undefined) {
      this.#fastest = Math.min(this.#fastest, now - this.#last);
      this.#timed += 1;
    }
    this.#last = now;
  }

  /** Seconds of a step, `undefined` until two were timed. */
  get stepSeconds(): number | undefined {
    return this.#timed < 2 ? undefined : this.#fastest / 1000;
  }

  /**
   * Seconds for the steps that are left, `undefined` until two were timed: the first also packs the weights and is
   * slower.
   */
  secondsLeft(steps: number): number | undefined {
    return this.stepSeconds === undefined ? undefined : this.stepSeconds * steps;
  }
}

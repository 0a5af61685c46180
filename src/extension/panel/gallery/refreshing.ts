/** Milliseconds in which several reasons to refresh are one. */
const usualPause = 200;

/**
 * Runs a task after something has changed: once for changes that come together, never twice at the same time, and again
 * where something changes meanwhile.
 */
export class Refreshing {
  readonly #task: () => Promise<void>;
  readonly #pause: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #isStale = false;
  #isOver = false;

  /** @param task tells of its failures itself */
  constructor(task: () => Promise<void>, pause: number = usualPause) {
    this.#task = task;
    this.#pause = pause;
  }

  /** Something has changed. */
  soon(): void {
    if (this.#isOver) return;
    if (this.#running) {
      this.#isStale = true;
      return;
    }
    this.#timer ??= setTimeout(() => void this.now(), this.#pause);
  }

  /** Runs the task now, or once more behind the one that is under way. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running) {
      this.#isStale = true;
      return this.#running;
    }
    if (this.#isOver) return;
    this.#running = this.#run();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async #run(): Promise<void> {
    do {
      this.#isStale = false;
      await this.#task();
    } while (this.#isStale && !this.#isOver);
  }

  dispose(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

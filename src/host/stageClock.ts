import type { Timings } from "../protocol/generateResult.ts";
import type { Stage } from "../protocol/progress.ts";

/** Adds up the seconds of each stage; loading submodels, which happens inside the others, is kept apart. */
export class StageClock {
  readonly #now: () => number;
  readonly #loadSeconds: () => number;
  #stage: Stage | undefined;
  #entered = 0;
  #loadedAtEntry: number;
  #timings: Timings = { load: 0, encode: 0, denoise: 0, decode: 0, write: 0 };

  /**
   * @param loadSeconds seconds spent on loading so far
   * @param now a clock in milliseconds
   */
  constructor(loadSeconds: () => number, now: () => number = () => performance.now()) {
    this.#loadSeconds = loadSeconds;
    this.#now = now;
    this.#loadedAtEntry = loadSeconds();
  }

  /** Ends the stage that runs and begins another. */
  enter(stage: Stage | undefined): void {
    const now = this.#now();
    const loaded = this.#loadSeconds();
    if (this.#stage) {
      const load = loaded - this.#loadedAtEntry;
      this.#timings.load += load;
      this.#timings[this.#stage] += Math.max(0, (now - this.#entered) / 1000 - load);
    }
    this.#stage = stage;
    this.#entered = now;
    this.#loadedAtEntry = loaded;
  }

  /** The seconds since the last call; the next image begins at zero. */
  take(): Timings {
    this.enter(undefined);
    const taken = this.#timings;
    this.#timings = { load: 0, encode: 0, denoise: 0, decode: 0, write: 0 };
    return taken;
  }
}

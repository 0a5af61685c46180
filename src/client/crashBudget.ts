/** How many crashes end a client's patience. */
export interface CrashLimit {
  crashes: number;
  /** Within so many milliseconds. */
  milliseconds: number;
}

/** The limit of well-behaved language clients: the fourth crash within three minutes is the last. */
export const usualCrashLimit: CrashLimit = { crashes: 4, milliseconds: 3 * 60 * 1000 };

/** Counts crashes, so that a host that always crashes is not started for ever. */
export class CrashBudget {
  readonly limit: CrashLimit;
  readonly #now: () => number;
  #times: number[] = [];

  constructor(limit: CrashLimit = usualCrashLimit, now: () => number = () => performance.now()) {
    this.limit = limit;
    this.#now = now;
  }

  /** @returns whether to start another host after this crash */
  crashed(): boolean {
    const now = this.#now();
    this.#times = [...this.#times.filter((time) => now - time < this.limit.milliseconds), now];
    return this.#times.length < this.limit.crashes;
  }

  /** The user has asked to try again. */
  reset(): void {
    this.#times = [];
  }
}

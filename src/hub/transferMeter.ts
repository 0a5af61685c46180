/** How far a fetch is. */
export interface TransferProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Of the last seconds; absent until it can be told. */
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

const leastMilliseconds = 100;
/** Speed is that of the last so many milliseconds. */
const window = 10_000;
const leastWindow = 1000;

/** Counts bytes that are there, tells the speed of the last seconds, and reports at most ten times a second. */
export class TransferMeter {
  readonly #total: number;
  readonly #report: (progress: TransferProgress) => void;
  readonly #now: () => number;
  #done: number;
  #transferred = 0;
  #lastReport = Number.NEGATIVE_INFINITY;
  #samples: { readonly at: number; readonly transferred: number }[];

  /**
   * @param kept bytes that were there before: they count as done, not for the speed
   * @param now a clock in milliseconds
   */
  constructor(
    total: number,
    kept: number,
    report: (progress: TransferProgress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#total = total;
    this.#done = kept;
    this.#report = report;
    this.#now = now;
    this.#samples = [{ at: now(), transferred: 0 }];
    this.#tell(now());
  }

  /** @param transferred whether the bytes came over the network */
  add(bytes: number, transferred = true): void {
    this.#done = Math.max(0, Math.min(this.#done + bytes, this.#total));
    if (transferred && bytes > 0) this.#transferred += bytes;
    const now = this.#now();
    if (now - this.#lastReport >= leastMilliseconds || this.#done === this.#total) this.#tell(now);
  }

  #tell(now: number): void {
    this.#lastReport = now;
    this.#samples.push({ at: now, transferred: this.#transferred });
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) > window) this.#samples.shift();
    const bytesPerSecond = this.#speed(now);
    this.#report({
      bytesDone: this.#done,
      bytesTotal: this.#total,
      bytesPerSecond,
      secondsLeft: bytesPerSecond ? (this.#total - this.#done) / bytesPerSecond : undefined,
    });
  }

  #speed(now: number): number | undefined {
    const [first] = this.#samples;
    if (first === undefined || now - first.at < leastWindow) return undefined;
    return (1000 * (this.#transferred - first.transferred)) / (now - first.at);
  }
}

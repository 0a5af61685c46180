import { LimnerError } from "../protocol/limnerError.ts";

/** What can be in memory: a compiled model. */
export interface Disposable {
  dispose(): void;
}

/** What memory something takes, in bytes. */
export interface MemoryUse {
  /** Once it is loaded. */
  resident: number;
  /** More while it is used, and kept from then on. */
  working: number;
}

/** Something to be loaded and used. */
export interface ResidentPlan<T extends Disposable> {
  /** Tells it from everything else that is in memory. */
  key: string;
  /** What people call it: "limner-tiny unet". */
  label: string;
  /** Asked before it is loaded, and before each use: a larger picture takes more. */
  memory(): Promise<MemoryUse>;
  load(): Promise<T>;
}

/** One line of the statistics. */
export interface ResidentStatistics {
  label: string;
  /** By estimate. */
  bytes: number;
  inUse: boolean;
}

interface Entry {
  key: string;
  label: string;
  resident: number;
  working: number;
  /** Uses that run or wait for it to load. */
  uses: number;
  /** Rises with every use. */
  lastUse: number;
  loading?: Promise<Disposable>;
  /** Its bytes are taken, not only promised to it. */
  isLoaded: boolean;
}

const bytesOf = ({ resident, working }: MemoryUse): number => resident + working;

/** What bounds a residency. */
export interface ResidencyLimits {
  /** Bytes that everything in memory may take together (default: no bound). */
  budget?: number;
  /** Bytes that this process could take beside what it has (default: no bound). */
  available?(): Promise<number>;
}

/**
 * Everything of all open models that is in memory. Before something is loaded, what was not used for longest is
 * dropped until it fits into the budget and into what the machine has to spare; what is in use stays.
 */
export class Residency {
  /** Bytes that everything in memory may take together. */
  readonly budget: number;
  readonly #available: () => Promise<number>;
  readonly #entries = new Map<string, Entry>();
  #clock = 0;
  #active = 0;
  #making: Promise<unknown> = Promise.resolve();
  #onActivity: ((active: boolean) => void) | undefined;

  constructor({ budget = Number.POSITIVE_INFINITY, available }: ResidencyLimits = {}) {
    this.budget = budget;
    this.#available = available ?? (async () => Number.POSITIVE_INFINITY);
  }

  /** Calls back when the first use begins and when the last has ended. */
  set onActivity(listener: (active: boolean) => void) {
    this.#onActivity = listener;
  }

  /** Whether anything is being used or loaded. */
  get isActive(): boolean {
    return this.#active > 0;
  }

  /** Bytes of everything in memory, by estimate. */
  get held(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + bytesOf(entry), 0);
  }

  /** What this could grow to: what it takes by now and what the machine has to spare, within the budget. */
  async #limit(): Promise<number> {
    const taken = [...this.#entries.values()].filter(({ isLoaded }) => isLoaded);
    const bytes = taken.reduce((sum, entry) => sum + bytesOf(entry), 0);
    return Math.min(this.budget, bytes + (await this.#available()));
  }

  /** What is in memory, last used first. */
  statistics(): ResidentStatistics[] {
    return [...this.#entries.values()]
      .sort((a, b) => b.lastUse - a.lastUse)
      .map((entry) => ({ label: entry.label, bytes: bytesOf(entry), inUse: entry.uses > 0 }));
  }

  /** What could be in memory if everything that is idle were dropped, in bytes. */
  async room(): Promise<number> {
    const inUse = [...this.#entries.values()].filter(({ uses }) => uses > 0);
    const busy = inUse.reduce((sum, entry) => sum + bytesOf(entry), 0);
    return Math.max(0, (await this.#limit()) - busy);
  }

  /**
   * Runs a task with something in memory, loading it if needed.
   * @param signal ends the wait for it to be loaded; what is being loaded is finished and kept
   * @throws LimnerError `cancelled`, or what loading and the task throw
   */
  async use<T extends Disposable, Result>(
    plan: ResidentPlan<T>,
    task: (loaded: T) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    if (signal?.aborted) throw cancelled();
    const entry = this.#entryOf(plan);
    this.#begin(entry);
    const loading = this.#ready(entry, plan);
    try {
      // Several wait for one load: each has its own signal, and the load goes on for the others.
      return await task(await abortable(loading, signal));
    } finally {
      loading.then(
        () => this.#end(entry),
        () => this.#fail(entry),
      );
    }
  }

  #entryOf({ key, label }: Pick<Entry, "key" | "label">): Entry {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry = { key, label, resident: 0, working: 0, uses: 0, lastUse: 0, isLoaded: false };
    this.#entries.set(key, entry);
    return entry;
  }

  #begin(entry: Entry): void {
    entry.uses += 1;
    entry.lastUse = ++this.#clock;
    this.#active += 1;
    if (this.#active === 1) this.#onActivity?.(true);
  }

  #end(entry: Entry): void {
    entry.uses -= 1;
    entry.lastUse = ++this.#clock;
    this.#active -= 1;
    if (this.#active === 0) this.#onActivity?.(false);
  }

  /** A failed load is tried again at the next use. */
  #fail(entry: Entry): void {
    if (entry.uses === 1 && this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    this.#end(entry);
  }

  /** Makes room for what it takes more than before, then loads it. One at a time, so that nobody counts room twice. */
  async #ready<T extends Disposable>(entry: Entry, plan: ResidentPlan<T>): Promise<T> {
    const making = this.#making.then(async () => {
      const { resident, working } = await plan.memory();
      const more = Math.max(0, resident - entry.resident) + Math.max(0, working - entry.working);
      if (more > 0) await this.#makeRoom(more);
      entry.resident = Math.max(entry.resident, resident);
      entry.working = Math.max(entry.working, working);
    });
    this.#making = making.catch(() => undefined);
    await making;
    // Its owner was closed in between: nobody would release what is loaded now.
    if (this.#entries.get(entry.key) !== entry) throw cancelled();
    if (!entry.loading) {
      const loading = plan.load();
      entry.loading = loading;
      loading.then(
        () => {
          entry.isLoaded = true;
        },
        () => {
          if (entry.loading === loading) entry.loading = undefined;
        },
      );
    }
    // The key stands for one plan, whose load made it.
    return (await entry.loading) as T;
  }

  async #makeRoom(more: number): Promise<void> {
    const limit = await this.#limit();
    const idle = [...this.#entries.values()].filter(({ uses }) => uses === 0);
    for (const entry of idle.sort((a, b) => a.lastUse - b.lastUse)) {
      if (this.held + more <= limit) return;
      await this.#drop(entry);
    }
  }

  async #drop(entry: Entry): Promise<void> {
    this.#entries.delete(entry.key);
    const loaded = await entry.loading?.catch(() => undefined);
    loaded?.dispose();
  }

  /** Whether it is in memory or on its way there. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Drops what is idle: all of it, or what a key is one of. What is in use stays. */
  async dropIdle(isMeant: (key: string) => boolean = () => true): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (entry.uses === 0 && isMeant(entry.key)) await this.#drop(entry);
    }
  }

  /** Drops what keys are meant, in use or not: their owner is closed and uses them no more. */
  async forget(isMeant: (key: string) => boolean): Promise<void> {
    for (const entry of [...this.#entries.values()]) if (isMeant(entry.key)) await this.#drop(entry);
  }
}

function cancelled(): LimnerError {
  return new LimnerError("cancelled", "Cancelled.");
}

/** Waits for a promise or an abort, whichever is first. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(cancelled());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}

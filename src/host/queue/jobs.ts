import type { JobState } from "../../protocol/job.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { FairQueue } from "./fairQueue.ts";
import { Job, type JobOrder } from "./job.ts";

/** More jobs than this of one client do not wait. */
const maximumWaiting = 1000;

/** Lets one inference run on a device at a time, also between hosts. */
export type Exclusive = (device: string, signal: AbortSignal, task: () => Promise<void>) => Promise<void>;

/** How many jobs ended in which way, and what they had. */
export interface JobCounts extends Record<JobState, number> {
  images: number;
  /** Seconds that jobs had a device. */
  seconds: number;
}

/** What waits for one device. */
interface Line<Owner> {
  readonly device: string;
  readonly queue: FairQueue<Owner, Job<Owner>>;
  isServed: boolean;
}

/** The jobs of all owners. On each device one image is drawn at a time, and owners take turns. */
export class Jobs<Owner> {
  readonly #lines = new Map<string, Line<Owner>>();
  readonly #exclusive: Exclusive;
  readonly #onChange: (job: Job<Owner>) => void;
  readonly #ended = { done: 0, failed: 0, cancelled: 0, images: 0, seconds: 0 };

  /** @param onChange called when a job is added, begins, has another image, moves, or ends */
  constructor(exclusive: Exclusive, onChange: (job: Job<Owner>) => void) {
    this.#exclusive = exclusive;
    this.#onChange = onChange;
  }

  /** Those that have not ended, in the order in which they have their turns as of now. */
  list(): Job<Owner>[] {
    return [...this.#lines.values()].flatMap(({ queue }) => queue.order());
  }

  get counts(): JobCounts {
    const jobs = this.list();
    const count = (state: JobState) => jobs.filter((job) => job.state === state).length;
    return { waiting: count("waiting"), running: count("running"), ...this.#ended };
  }

  /**
   * Puts a job at the end of its owner's.
   * @throws LimnerError `invalid-request` where the name is taken or too many wait
   */
  add(owner: Owner, order: JobOrder): Job<Owner> {
    const jobs = this.list();
    if (jobs.some(({ id }) => id === order.id)) {
      throw new LimnerError("invalid-request", `There is a job ${order.id} already: give each a new name.`);
    }
    if (jobs.filter((job) => job.owner === owner).length >= maximumWaiting) {
      throw new LimnerError("invalid-request", `${maximumWaiting} jobs wait already: let some of them end.`);
    }
    const job = new Job(owner, order);
    const line = this.#lineOf(order.request.device ?? "CPU");
    line.queue.add(owner, job);
    void job.ended.then(() => this.#settle(line, job));
    this.#onChange(job);
    void this.#serve(line);
    return job;
  }

  /** @returns whether the owner had such a job that had not ended */
  cancel(owner: Owner, id: string): boolean {
    const job = this.#find(owner, id);
    job?.cancel();
    return job !== undefined;
  }

  /**
   * Moves a waiting job among its owner's waiting jobs.
   * @returns its new place
   * @throws LimnerError `invalid-request` where the owner has no such waiting job
   */
  move(owner: Owner, id: string, position: number): number {
    const job = this.#find(owner, id);
    const line = [...this.#lines.values()].find(({ queue }) => job && queue.of(owner).includes(job));
    const begun = line?.queue.of(owner).filter(({ state }) => state === "running").length ?? 0;
    const moved = job && line?.queue.move(owner, job, begun, position);
    if (moved === undefined || !job) {
      throw new LimnerError("invalid-request", `There is no job ${id} of yours that waits.`);
    }
    this.#onChange(job);
    return moved;
  }

  /** Cancels every job of an owner who is gone. */
  leave(owner: Owner): void {
    for (const job of this.list()) if (job.owner === owner) job.cancel();
  }

  /** Cancels everything and waits until it has stopped. */
  async end(): Promise<void> {
    const jobs = this.list();
    for (const job of jobs) job.cancel();
    await Promise.all(jobs.map(({ ended }) => ended));
  }

  #find(owner: Owner, id: string): Job<Owner> | undefined {
    return this.list().find((job) => job.id === id && job.owner === owner);
  }

  #lineOf(device: string): Line<Owner> {
    const known = this.#lines.get(device);
    if (known) return known;
    const line: Line<Owner> = { device, queue: new FairQueue(), isServed: false };
    this.#lines.set(device, line);
    return line;
  }

  #settle({ queue }: Line<Owner>, job: Job<Owner>): void {
    queue.remove(job.owner, job);
    const { state } = job;
    if (state === "done" || state === "failed" || state === "cancelled") this.#ended[state] += 1;
    this.#onChange(job);
  }

  /** Gives turns until nobody waits. */
  async #serve(line: Line<Owner>): Promise<void> {
    if (line.isServed) return;
    line.isServed = true;
    // Who added the job gets it before it begins.
    await Promise.resolve();
    for (let job = line.queue.next(); job; job = line.queue.next()) await this.#turn(line, job);
    line.isServed = false;
  }

  async #turn({ device, queue }: Line<Owner>, job: Job<Owner>): Promise<void> {
    const before = job.images.length;
    let began = performance.now();
    try {
      await this.#exclusive(device, job.signal, async () => {
        began = performance.now();
        await job.turn();
      });
    } catch {
      // It was cancelled while it waited for the device, or there is no lock to be had: then it goes without.
      if (!job.hasEnded && !job.signal.aborted) await job.turn();
    }
    this.#ended.seconds += (performance.now() - began) / 1000;
    this.#ended.images += job.images.length - before;
    if (job.hasEnded) queue.remove(job.owner, job);
    else this.#onChange(job);
  }
}

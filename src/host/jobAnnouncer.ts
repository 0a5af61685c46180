import { jobsChanged } from "../protocol/jobsChanged.ts";
import { summaryOf } from "./handlers/jobHandlers.ts";
import type { Job } from "./queue/job.ts";
import type { Session } from "./server/session.ts";

/** Changes of so many milliseconds are told together. */
const interval = 100;

/** Tells every client how the queue is, not more often than it can be read. */
export class JobAnnouncer {
  readonly #list: () => Job<Session>[];
  readonly #clients: () => Session[];
  /** Those that ended since the last announcement. */
  readonly #ended = new Set<Job<Session>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(list: () => Job<Session>[], clients: () => Session[]) {
    this.#list = list;
    this.#clients = clients;
  }

  changed(job: Job<Session>): void {
    if (job.hasEnded) this.#ended.add(job);
    this.#timer ??= setTimeout(() => this.announce(), interval);
  }

  /** Tells now what has changed. */
  announce(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const jobs = [...this.#ended, ...this.#list().filter((job) => !this.#ended.has(job))];
    this.#ended.clear();
    for (const client of this.#clients()) {
      client.notify(jobsChanged, { jobs: jobs.map((job) => summaryOf(job, client)) });
    }
  }
}

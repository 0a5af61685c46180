import type { GeneratedImage } from "../../protocol/generateResult.ts";
import type { JobState, JobSummary } from "../../protocol/job.ts";
import { isOpen, type PanelFailure, type PanelJob } from "../../protocol/panel/panelJob.ts";

/** So many jobs are shown at most, ended ones among them. */
export const longestQueue = 500;

/** What is known of a job before the host tells of it. */
export type AskedJob = Pick<PanelJob, "job" | "client" | "prompt" | "model" | "images">;

/**
 * The user's jobs as the panel shows them: the host's queue in its order, then what was asked for and is not in it yet,
 * then what has ended, the newest first. The host forgets a job when it has told of its end; this does not.
 */
export class PanelQueue {
  readonly #asked = new Set<string>();
  #jobs: readonly PanelJob[] = [];

  get jobs(): readonly PanelJob[] {
    return this.#jobs;
  }

  /** The panel is about to ask the host for a job. */
  ask(asked: AskedJob): void {
    this.#asked.add(asked.job);
    const job: PanelJob = { ...asked, own: true, state: "waiting", finished: 0, results: [] };
    const open = this.#jobs.filter(isOpen);
    this.#set([...open, job, ...this.#jobs.filter((known) => !isOpen(known))]);
  }

  /** The host's queue has changed. */
  update(summaries: readonly JobSummary[]): void {
    for (const { job } of summaries) this.#asked.delete(job);
    const told = summaries.map((summary): PanelJob => {
      const known = this.#jobs.find(({ job }) => job === summary.job);
      return { ...summary, results: known?.results ?? [], failure: known?.failure };
    });
    const names = new Set(told.map(({ job }) => job));
    const untold = this.#jobs.filter(({ job }) => !names.has(job));
    const asked = untold.filter(({ job }) => this.#asked.has(job));
    // What runs or waits is always told of: what no longer is has ended with its host, or is another client's.
    const rest = untold
      .filter(({ job, own }) => own && !this.#asked.has(job))
      .map((job): PanelJob => (isOpen(job) ? { ...job, state: "cancelled" } : job));
    const ended = told.filter((job) => !isOpen(job) && job.own).reverse();
    this.#set([...told.filter(isOpen), ...asked, ...ended, ...rest]);
  }

  addImage(job: string, { file, seed, width, height }: GeneratedImage): void {
    this.#change(job, (known) => ({
      ...known,
      results: [...known.results, { file, seed, width, height }],
      finished: known.results.length + 1,
    }));
  }

  /** A job of the panel's has ended, as its answer says. */
  end(job: string, state: JobState, failure?: PanelFailure): void {
    this.#asked.delete(job);
    this.#change(job, (known) => ({ ...known, state, failure }));
  }

  /** Takes a job that has ended out of the list, or all that have. */
  dismiss(job?: string): void {
    this.#set(this.#jobs.filter((known) => isOpen(known) || (job !== undefined && known.job !== job)));
  }

  #change(job: string, change: (known: PanelJob) => PanelJob): void {
    this.#set(this.#jobs.map((known) => (known.job === job ? change(known) : known)));
  }

  #set(jobs: readonly PanelJob[]): void {
    this.#jobs = jobs.slice(0, longestQueue);
  }
}

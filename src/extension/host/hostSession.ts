import { randomUUID } from "node:crypto";
import type { HostClient, HostState } from "../../client/hostClient.ts";
import type { generateImages } from "../../protocol/generateImages.ts";
import type { GeneratedImage } from "../../protocol/generateResult.ts";
import type { LogEntry } from "../../protocol/hostLog.ts";
import type { JobSummary } from "../../protocol/job.ts";
import type { Preview } from "../../protocol/jobProgress.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { ParamsOf, RequestType, ResultOf } from "../../protocol/messageType.ts";
import type { Progress } from "../../protocol/progress.ts";
import type { workProgress } from "../../protocol/workProgress.ts";
import { type Health, healthOf } from "./health.ts";

/** What a session needs of a client of the host. */
export type SessionClient = Pick<
  HostClient,
  "state" | "onState" | "on" | "request" | "setRoots" | "stop" | "start" | "dispose"
>;

/** What is to be drawn, and where it goes. */
export type DrawingRequest = Pick<ParamsOf<typeof generateImages>, "request" | "target">;

/** What a drawing tells while it goes on. */
export interface DrawingListener {
  onProgress?(progress: Progress, preview?: Preview): void;
  onWarning?(sentence: string): void;
}

/** What the host tells of jobs, whichever part of the window asked for them. */
export interface JobListener {
  /** The queue has changed: the jobs of all clients, and those that just ended. */
  onJobs(jobs: readonly JobSummary[]): void;
  onProgress(job: string, progress: Progress, preview: Preview | undefined): void;
  onImage(job: string, image: GeneratedImage): void;
}

/** What a session is made of. */
export interface HostSessionOptions {
  /** A client with the settings and the folders as they are then. It starts no host before it is asked something. */
  createClient(): Promise<SessionClient>;
  onLog(entry: LogEntry): void;
  onHealth(health: Health): void;
}

/**
 * The window's use of the host. Nothing is started before the first request; what was asked can be cancelled all at
 * once; a new start takes the settings as they are then.
 */
export class HostSession {
  readonly #options: HostSessionOptions;
  readonly #cancels = new Set<AbortController>();
  readonly #drawings = new Map<string, DrawingListener>();
  readonly #jobListeners = new Set<JobListener>();
  readonly #imageListeners = new Set<() => void>();
  readonly #works = new Map<string, (params: ParamsOf<typeof workProgress>) => void>();
  #client: Promise<SessionClient> | undefined;
  #state: HostState = { kind: "idle" };
  #last: { job: string; progress: Progress } | undefined;

  constructor(options: HostSessionOptions) {
    this.#options = options;
  }

  get health(): Health {
    return healthOf(this.#state, this.#last?.progress);
  }

  /** Whether a host was asked something. */
  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  /** How many requests are under way that the user can cancel. */
  get running(): number {
    return this.#cancels.size;
  }

  /** Asks the host something that is answered soon. @throws LimnerError */
  async ask<T extends RequestType>(type: T, params: ParamsOf<T>, signal?: AbortSignal): Promise<ResultOf<T>> {
    return (await this.#open()).request(type, params, signal);
  }

  /**
   * Asks the host something that takes long and tells how far it is.
   * @param paramsOf makes the parameters, with the name by which progress is told
   * @throws LimnerError
   */
  async work<T extends RequestType>(
    type: T,
    paramsOf: (work: string) => ParamsOf<T>,
    onProgress: (progress: ParamsOf<typeof workProgress>) => void,
    signal?: AbortSignal,
  ): Promise<ResultOf<T>> {
    const work = randomUUID();
    this.#works.set(work, onProgress);
    try {
      return await this.#cancellable(signal, (ended) => this.ask(type, paramsOf(work), ended));
    } finally {
      this.#works.delete(work);
    }
  }

  /** Listens to what happens to jobs. @returns ends it */
  watchJobs(listener: JobListener): () => void {
    this.#jobListeners.add(listener);
    return () => this.#jobListeners.delete(listener);
  }

  /** Listens to whether there are other images in the folders than were listed last. @returns ends it */
  watchImages(listener: () => void): () => void {
    this.#imageListeners.add(listener);
    return () => this.#imageListeners.delete(listener);
  }

  /**
   * Draws.
   * @param job a new name for the job
   * @throws LimnerError; `cancelled` where the signal or `cancelAll` ended it
   */
  async draw(
    drawing: DrawingRequest,
    listener: DrawingListener = {},
    signal?: AbortSignal,
    job: string = randomUUID(),
  ): Promise<ResultOf<typeof generateImages>> {
    this.#drawings.set(job, listener);
    try {
      return await this.#cancellable(signal, async (ended) => {
        const { generateImages } = await import("../../protocol/generateImages.ts");
        return this.ask(generateImages, { job, ...drawing }, ended);
      });
    } finally {
      this.#drawings.delete(job);
      if (this.#last?.job === job) {
        this.#last = undefined;
        this.#tell();
      }
    }
  }

  /** Cancels every drawing and all other work of this window. @returns how many there were */
  cancelAll(): number {
    const cancels = [...this.#cancels];
    for (const cancel of cancels) cancel.abort();
    return cancels.length;
  }

  /** Ends the host, for other windows too, and starts another with the settings as they are now. @throws LimnerError */
  async restart(): Promise<void> {
    await this.#leave((client) => client.stop(true));
    await (await this.#open()).start();
  }

  /** Leaves the host: the next request connects with the settings as they are then. What is under way is cancelled. */
  async reconnect(): Promise<void> {
    await this.#leave(() => undefined);
  }

  setRoots(roots: readonly string[]): void {
    void this.#client?.then(
      (client) => client.setRoots(roots),
      () => undefined,
    );
  }

  dispose(): void {
    void this.reconnect();
  }

  async #leave(before: (client: SessionClient) => unknown): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    if (client) {
      await before(client);
      client.dispose();
    }
    this.#last = undefined;
    this.#become({ kind: "idle" });
  }

  #open(): Promise<SessionClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<SessionClient> {
    const client = await this.#options.createClient();
    client.onState((state) => this.#become(state));
    const { listenToHost } = await import("./hostNews.ts");
    listenToHost(client, {
      onLog: (entry) => this.#options.onLog(entry),
      onWarning: ({ job, sentence }) => this.#drawings.get(job)?.onWarning?.(sentence),
      onWork: (progress) => this.#works.get(progress.work)?.(progress),
      onJobs: ({ jobs }) => {
        for (const watcher of this.#jobListeners) watcher.onJobs(jobs);
      },
      onImages: () => {
        for (const listener of this.#imageListeners) listener();
      },
      onImage: ({ job, image }) => {
        for (const watcher of this.#jobListeners) watcher.onImage(job, image);
      },
      onProgress: ({ job, progress, preview }) => {
        for (const watcher of this.#jobListeners) watcher.onProgress(job, progress, preview);
        const listener = this.#drawings.get(job);
        if (!listener) return;
        this.#last = { job, progress };
        this.#tell();
        listener.onProgress?.(progress, preview);
      },
    });
    return client;
  }

  async #cancellable<T>(
    signal: AbortSignal | undefined,
    run: (ended: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted) throw new LimnerError("cancelled", "Cancelled.");
    const cancel = new AbortController();
    const abort = () => cancel.abort();
    signal?.addEventListener("abort", abort);
    this.#cancels.add(cancel);
    try {
      return await run(cancel.signal);
    } finally {
      this.#cancels.delete(cancel);
      signal?.removeEventListener("abort", abort);
    }
  }

  #become(state: HostState): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    this.#options.onHealth(this.health);
  }
}

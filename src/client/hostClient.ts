import { join } from "node:path";
import { CancellationTokenSource, type MessageConnection, ResponseError } from "vscode-jsonrpc";
import { hasEnded, killProcess } from "../platform/process.ts";
import { generateImages } from "../protocol/generateImages.ts";
import { hostEnding } from "../protocol/hostEnding.ts";
import type { LogLevel } from "../protocol/hostLog.ts";
import { jobImage } from "../protocol/jobImage.ts";
import { jobProgress } from "../protocol/jobProgress.ts";
import { LimnerError, messageOf } from "../protocol/limnerError.ts";
import type { NotificationType, ParamsOf, RequestType, ResultOf } from "../protocol/messageType.ts";
import { rootsChanged } from "../protocol/rootsChanged.ts";
import { shutdown } from "../protocol/shutdown.ts";
import { errorFromWire } from "../protocol/wireError.ts";
import { CrashBudget, type CrashLimit } from "./crashBudget.ts";
import { type HostConnection, openHost } from "./hostConnection.ts";
import { type HostChoice, hostProgram } from "./hostProgram.ts";
import { canBeRepeated, type JobNews, lossOf, type PendingRequest } from "./pendingRequest.ts";

/** How a client is set up. */
export interface HostClientOptions extends HostChoice {
  /** Who connects, for the host's log and its list of jobs: `limner generate`, `Visual Studio Code`. */
  name: string;
  /** Folders below which the host may write for this client. */
  roots: readonly string[];
  /** What it reads Hugging Face's hub with. */
  hubToken?: string;
  logLevel?: LogLevel;
  crashLimit?: CrashLimit;
}

/** How the connection to the host is. */
export type HostState =
  | { kind: "idle" }
  | { kind: "starting" }
  | { kind: "ready"; pid: number }
  /** The host ended unexpectedly; another is started when there is something to do. */
  | { kind: "crashed"; reason: string }
  /** It crashed too often (only `restart` tries again then), or could not be started (the next request tries). */
  | { kind: "failed"; error: LimnerError };

/** After so many milliseconds a host that was asked to end is ended. */
const graceMilliseconds = 2000;

/** How long after its connection a host that died may still seem to run. */
const endingMilliseconds = 50;

/**
 * A client of the host: finds or starts it with the first request, starts another after a crash, and asks it again
 * what had not begun.
 */
export class HostClient {
  readonly #options: HostClientOptions;
  readonly #crashes: CrashBudget;
  readonly #pending = new Set<PendingRequest>();
  readonly #listeners = new Map<string, Set<(params: unknown) => void>>();
  readonly #stateListeners = new Set<(state: HostState) => void>();
  #roots: readonly string[];
  #state: HostState = { kind: "idle" };
  #opening: Promise<HostConnection> | undefined;
  /** Why the host said that it would end. */
  #announcedEnd: string | undefined;
  /** Why no other host is started by itself. */
  #givenUp: LimnerError | undefined;
  #isDisposed = false;

  constructor(options: HostClientOptions) {
    this.#options = options;
    this.#roots = options.roots;
    this.#crashes = new CrashBudget(options.crashLimit);
    this.on(hostEnding, ({ reason }) => {
      this.#announcedEnd = reason;
    });
    this.on(jobProgress, ({ job }) => this.#newsOf(job, () => {}));
    this.on(jobImage, ({ job, image }) => this.#newsOf(job, ({ images }) => images.push(image)));
  }

  get state(): HostState {
    return this.#state;
  }

  /** @returns ends it */
  onState(listener: (state: HostState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Listens to what the host tells, whichever host it is by then. @returns ends it */
  on<T extends NotificationType>(type: T, listener: (params: ParamsOf<T>) => void): () => void {
    const listeners = this.#listeners.get(type.method) ?? new Set();
    this.#listeners.set(type.method, listeners);
    // The host is of the same build and sends what the type says.
    const untyped = listener as (params: unknown) => void;
    listeners.add(untyped);
    return () => listeners.delete(untyped);
  }

  /** Makes sure that a host is connected. @throws LimnerError `host-failed` */
  async start(): Promise<void> {
    await this.#open();
  }

  /**
   * Asks the host.
   * @param signal cancels the request
   * @throws LimnerError as the host answered, `host-failed` where it crashed, `cancelled`
   */
  request<T extends RequestType>(type: T, params: ParamsOf<T>, signal?: AbortSignal): Promise<ResultOf<T>> {
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(new LimnerError("cancelled", "Cancelled."));
      const news = newsFor(type, params);
      const pending: PendingRequest = { type, params, signal, news, sentTo: undefined, resolve, reject };
      this.#pending.add(pending);
      void this.#send(pending);
      // The host answers each request with what its type says.
    }) as Promise<ResultOf<T>>;
  }

  /** Tells the host which folders may be written to from now on. */
  setRoots(roots: readonly string[]): void {
    this.#roots = roots;
    void this.#opening?.then(
      ({ connection }) => connection.sendNotification(rootsChanged.method, { roots }),
      () => undefined,
    );
  }

  /** Tries again after too many crashes. */
  async restart(): Promise<void> {
    this.#crashes.reset();
    this.#givenUp = undefined;
    await this.#open();
  }

  /**
   * Ends the host, unless other clients use it: asks it to, and kills it where it has not ended after two seconds.
   * @param force ends it for the other clients too
   * @returns whether it has ended
   */
  async stop(force = false): Promise<boolean> {
    const opened = await this.#opening?.catch(() => undefined);
    if (!opened) return true;
    const { connection, facts } = opened;
    this.#announcedEnd ??= "this client asked for it";
    const late = new Promise<{ ends: boolean }>((resolve) =>
      setTimeout(() => resolve({ ends: true }), graceMilliseconds).unref(),
    );
    const asked = connection
      .sendRequest<ResultOf<typeof shutdown>>(shutdown.method, { force })
      .catch(() => ({ ends: true }));
    const { ends } = await Promise.race([asked, late]);
    if (ends && !(await hasEnded(facts.pid, graceMilliseconds))) killProcess(facts.pid);
    if (!ends) this.dispose();
    return ends;
  }

  /** Leaves the host, which cancels what this client asked for and goes on for others. */
  dispose(): void {
    this.#isDisposed = true;
    void this.#opening?.then(
      ({ connection }) => {
        connection.end();
        connection.dispose();
      },
      () => undefined,
    );
    this.#opening = undefined;
    this.#rejectAll(() => new LimnerError("cancelled", "Cancelled."));
  }

  #become(state: HostState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }

  #open(): Promise<HostConnection> {
    if (this.#givenUp) return Promise.reject(this.#givenUp);
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<HostConnection> {
    this.#become({ kind: "starting" });
    try {
      const { version, name, hubToken, logLevel } = this.#options;
      const opened = await openHost(hostProgram(this.#options), {
        version,
        client: { name, pid: process.pid },
        roots: [...this.#roots],
        hubToken,
        logLevel,
      });
      this.#announcedEnd = undefined;
      opened.connection.onNotification((method, params) => {
        for (const listener of this.#listeners.get(method) ?? []) listener(params);
      });
      void opened.closed.then(() => this.#closed(opened));
      this.#become({ kind: "ready", pid: opened.facts.pid });
      return opened;
    } catch (error) {
      this.#opening = undefined;
      const failure = error instanceof LimnerError ? error : new LimnerError("host-failed", messageOf(error));
      this.#become({ kind: "failed", error: failure });
      throw failure;
    }
  }

  async #send(pending: PendingRequest): Promise<void> {
    try {
      pending.sentTo = await this.#open();
      if (this.#pending.has(pending)) await this.#ask(pending.sentTo.connection, pending);
    } catch (error) {
      this.#settle(pending, () => pending.reject(error instanceof Error ? error : new Error(String(error))));
    }
  }

  async #ask(connection: MessageConnection, pending: PendingRequest): Promise<void> {
    const source = new CancellationTokenSource();
    const cancel = () => source.cancel();
    pending.signal?.addEventListener("abort", cancel);
    if (pending.signal?.aborted) cancel();
    try {
      const result = await connection.sendRequest<unknown>(pending.type.method, pending.params, source.token);
      this.#settle(pending, () => pending.resolve(result));
    } catch (error) {
      this.#refused(pending, error);
    } finally {
      pending.signal?.removeEventListener("abort", cancel);
    }
  }

  #refused(pending: PendingRequest, error: unknown): void {
    // Without data it is the connection's own error: it is lost, and `#lost` decides what becomes of the request.
    const isAnswer = error instanceof ResponseError && error.data !== undefined;
    if (!isAnswer && !pending.signal?.aborted) return;
    const answer = isAnswer ? errorFromWire(error) : new LimnerError("cancelled", "Cancelled.");
    // A host that ends cancels everything, which is not what this client asked for.
    const isLoss =
      answer.code === "cancelled" && this.#announcedEnd !== undefined && !pending.signal?.aborted;
    if (!isLoss) this.#settle(pending, () => pending.reject(answer));
  }

  #settle(pending: PendingRequest, answer: () => void): void {
    if (this.#pending.delete(pending)) answer();
  }

  #closed(opened: HostConnection): void {
    opened.connection.dispose();
    if (this.#isDisposed) return;
    // The system tells of a child's end a moment after its socket has closed.
    setTimeout(() => this.#lost(opened), endingMilliseconds);
  }

  /** The host is gone. What had not begun is asked for again, of another host. */
  #lost(opened: HostConnection): void {
    if (this.#isDisposed) return;
    this.#opening = undefined;
    const announced = this.#announcedEnd;
    const reason = announced ?? opened.process?.ending() ?? "its connection was lost";
    if (announced !== undefined) this.#become({ kind: "idle" });
    else if (this.#crashes.crashed()) this.#become({ kind: "crashed", reason });
    else this.#giveUp(reason);
    for (const pending of [...this.#pending].filter(({ sentTo }) => sentTo === opened)) {
      pending.sentTo = undefined;
      if (canBeRepeated(pending) && !pending.signal?.aborted) void this.#send(pending);
      else this.#settle(pending, () => pending.reject(lossOf(pending, reason)));
    }
  }

  #giveUp(reason: string): void {
    const { crashes, milliseconds } = this.#crashes.limit;
    const { folder } = hostProgram(this.#options);
    const error = new LimnerError(
      "host-failed",
      `Limner's background host crashed ${crashes} times within ${milliseconds / 60_000} minutes; the last time ` +
        `${reason}. It is not started again by itself. Its log is ${join(folder, "host.log")}.`,
    );
    this.#givenUp = error;
    this.#become({ kind: "failed", error });
  }

  #rejectAll(error: (pending: PendingRequest) => Error): void {
    for (const pending of [...this.#pending]) this.#settle(pending, () => pending.reject(error(pending)));
  }

  #newsOf(job: string, update: (news: JobNews) => void): void {
    for (const { news } of this.#pending) {
      if (news?.job !== job) continue;
      news.hasBegun = true;
      update(news);
    }
  }
}

/** What is to be known of a job while it runs. */
function newsFor(type: RequestType, params: unknown): JobNews | undefined {
  if (type.method !== generateImages.method) return undefined;
  const { job, request } = generateImages.params.parse(params);
  const wanted = (request.count ?? 1) * Math.max(request.images?.length ?? 1, 1);
  return { job, prompt: request.prompt, wanted, hasBegun: false, images: [] };
}

import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type CancellationToken, ResponseError } from "vscode-jsonrpc";
import type { HostEndpoint } from "../../platform/hostEndpoint.ts";
import { hostEnding } from "../../protocol/hostEnding.ts";
import { hostLog } from "../../protocol/hostLog.ts";
import { initialize } from "../../protocol/initialize.ts";
import { messageOf } from "../../protocol/limnerError.ts";
import type { ResultOf } from "../../protocol/messageType.ts";
import { rootsChanged } from "../../protocol/rootsChanged.ts";
import { shutdown } from "../../protocol/shutdown.ts";
import { type ErrorData, rpcErrorNumbers } from "../../protocol/wireError.ts";
import { deviceLock } from "../deviceLock.ts";
import { generateHandler } from "../handlers/generateHandler.ts";
import { jobHandlers } from "../handlers/jobHandlers.ts";
import { runtimeHandlers } from "../handlers/runtimeHandlers.ts";
import { statisticsHandler } from "../handlers/statisticsHandler.ts";
import { JobAnnouncer } from "../jobAnnouncer.ts";
import type { LazyEngine } from "../lazyEngine.ts";
import type { HostLogger } from "../log/hostLogger.ts";
import type { Job } from "../queue/job.ts";
import { Jobs } from "../queue/jobs.ts";
import { Dispatcher, signalOf, validated, wireErrorOf } from "./dispatcher.ts";
import { checkClient, type HostFacts } from "./handshake.ts";
import { listen } from "./listen.ts";
import type { RequestHandlers } from "./requestHandlers.ts";
import { Session } from "./session.ts";

/** What a host is made of. */
export interface HostOptions {
  endpoint: HostEndpoint;
  facts: HostFacts;
  engine: LazyEngine;
  logger: HostLogger;
  /** Folder of the locks that all of the user's hosts share. */
  lockFolder: string;
  /** Milliseconds without a client after which it ends. */
  idle: number;
  /** Handlers of requests that are not about jobs and the runtime. */
  handlers?: RequestHandlers;
  /** Called once everything is released. */
  onEnd(): void;
}

/** A connection that has not shown the token after so many milliseconds is closed. */
const handshakeMilliseconds = 10_000;

/** What runs gets so many milliseconds to stop when the host ends. */
const graceMilliseconds = 1500;

/** The background process's server: clients come and go, their requests are answered, jobs are drawn. */
export class Host {
  readonly #options: HostOptions;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #jobs: Jobs<Session>;
  readonly #announcer: JobAnnouncer;
  readonly #dispatcher: Dispatcher;
  #idleTimer: NodeJS.Timeout | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    const { engine, facts, logger } = options;
    this.#jobs = new Jobs(deviceLock(options.lockFolder), (job) => this.#tellOf(job));
    this.#announcer = new JobAnnouncer(
      () => this.#jobs.list(),
      () => this.#clients(),
    );
    const handlers: RequestHandlers = {
      ...jobHandlers(this.#jobs),
      ...runtimeHandlers(engine),
      generateImages: generateHandler(this.#jobs, engine),
      hostStatistics: statisticsHandler(this.#jobs, facts, () => this.#clients().length, engine),
      ...options.handlers,
    };
    this.#dispatcher = new Dispatcher(handlers, (method, error) => {
      const stack = error instanceof Error && error.stack ? { stack: error.stack } : undefined;
      logger.error(`${method} failed: ${messageOf(error)}`, stack);
    });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Begins to listen. @throws AlreadyServed */
  async start(): Promise<void> {
    await listen(this.#server, this.#options.endpoint);
    this.#server.on("error", ({ message }) => this.#options.logger.error(`The socket failed: ${message}`));
    this.#watchIdle();
  }

  /** Cancels what runs, tells the clients, releases everything. */
  end(reason: string): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: string): Promise<void> {
    const { logger, engine, onEnd } = this.#options;
    logger.info(`Ending: ${reason}`);
    clearTimeout(this.#idleTimer);
    for (const session of this.#clients()) session.notify(hostEnding, { reason });
    this.#server.close();
    const grace = new Promise<void>((resolve) => setTimeout(resolve, graceMilliseconds));
    await Promise.race([this.#jobs.end().then(() => engine.dispose()), grace]).catch((error: unknown) =>
      logger.error(`Not everything was released: ${messageOf(error)}`),
    );
    this.#announcer.announce();
    for (const session of this.#sessions) session.close();
    // Answers to what was cancelled are on their way.
    setTimeout(onEnd, 50);
  }

  /** Those that have shown the token. */
  #clients(): Session[] {
    return [...this.#sessions].filter(({ identity }) => identity !== undefined);
  }

  #accept(socket: Socket): void {
    const { logger } = this.#options;
    const session = new Session(socket, (problem) =>
      logger.warning(`${session.name} broke the protocol: ${problem}`),
    );
    this.#sessions.add(session);
    const timer = setTimeout(() => {
      if (!session.identity) session.refuse(rpcErrorNumbers.notInitialized, "No initialize came in time.");
    }, handshakeMilliseconds);
    timer.unref();
    session.gone.addEventListener("abort", () => {
      clearTimeout(timer);
      this.#leave(session);
    });
    session.connection.onRequest((method, params, token) => this.#answer(session, method, params, token));
    session.connection.onNotification((method, params) => this.#heed(session, method, params));
    session.connection.listen();
  }

  #leave(session: Session): void {
    this.#sessions.delete(session);
    session.connection.dispose();
    this.#jobs.leave(session);
    if (session.identity) this.#options.logger.info(`${session.name} has left`);
    this.#watchIdle();
  }

  /** Ends the host when nobody comes back. */
  #watchIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#ending || this.#clients().length > 0) return;
    this.#idleTimer = setTimeout(() => void this.end("no client is left"), this.#options.idle);
  }

  async #answer(
    session: Session,
    method: string,
    params: unknown,
    token: CancellationToken,
  ): Promise<unknown> {
    if (session.isClosing) return undefined;
    if (method === initialize.method) return this.#initialize(session, params);
    if (!session.identity) {
      session.close();
      return new ResponseError(rpcErrorNumbers.notInitialized, `${method} came before initialize.`);
    }
    if (method === shutdown.method) return this.#shutdown(session, params);
    const { signal, release } = signalOf(token, session);
    return this.#dispatcher.answer(method, params, { session, signal }).finally(release);
  }

  #initialize(session: Session, params: unknown): ResultOf<typeof initialize> | ResponseError<ErrorData> {
    const { endpoint, facts, logger } = this.#options;
    if (session.identity) {
      return new ResponseError(rpcErrorNumbers.invalidRequest, "initialize came a second time.");
    }
    try {
      const { client, roots, hubToken, logLevel = "info" } = checkClient(params, endpoint.token, facts);
      session.identity = client;
      session.roots = roots;
      session.hubToken = hubToken;
      const stop = logger.listen(logLevel, (entry) => session.notify(hostLog, entry));
      session.gone.addEventListener("abort", stop);
      logger.info(`${client.name} has connected`, { pid: client.pid });
      this.#watchIdle();
      return facts;
    } catch (error) {
      session.close();
      return wireErrorOf(error);
    }
  }

  #shutdown(session: Session, params: unknown): ResultOf<typeof shutdown> | ResponseError<ErrorData> {
    try {
      const { force = false } = validated(shutdown, params);
      const ends = force || this.#clients().length === 1;
      if (ends) setImmediate(() => void this.end(`${session.name} asked for it`));
      else this.#jobs.leave(session);
      return { ends };
    } catch (error) {
      return wireErrorOf(error);
    }
  }

  #heed(session: Session, method: string, params: unknown): void {
    // What vscode-jsonrpc sends for itself is none of the host's.
    if (session.isClosing || method.startsWith("$/")) return;
    const known = session.identity && method === rootsChanged.method;
    const checked = rootsChanged.params.safeParse(params);
    if (known && checked.success) session.roots = checked.data.roots;
    else session.refuse(rpcErrorNumbers.invalidRequest, `There is no notification ${method} of this kind.`);
  }

  #tellOf(job: Job<Session>): void {
    const { logger } = this.#options;
    if (job.hasEnded) {
      logger.info(`Job ${job.id} of ${job.owner.name}: ${job.state}`, { images: job.images.length });
    }
    this.#announcer.changed(job);
  }
}

/** The folder of the locks that all hosts of a user share. */
export function lockFolder(cacheFolder: string): string {
  return join(cacheFolder, "host");
}

// A server on 127.0.0.1 that speaks the hub's API: model information, paged listings, and files that are resolved with
// ranges; large ones by a redirect to a second origin, as the hub's store is one. What goes wrong is told to it.
import { createHash } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A repository to serve. */
export interface ServedRepository {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Files of at least so many bytes are "large": stored elsewhere, named by their SHA-256. */
  readonly largeFrom?: number;
  readonly license?: string;
  readonly licenseName?: string;
  readonly licenseLink?: string;
  readonly gated?: boolean;
  /** Only a request with this token may read it. */
  readonly token?: string;
}

/** One request as it came, and what it was given. */
export interface SeenRequest {
  /** `hub` is the endpoint, `store` where it redirects to. */
  readonly origin: "hub" | "store";
  readonly path: string;
  readonly authorization?: string;
  /** Of a file: its path in the repository and the range that was asked for. */
  readonly file?: string;
  readonly first?: number;
  readonly last?: number;
  /** Bytes of the body that were handed to the connection. */
  sent: number;
}

/** What a test can do to an answer. */
export interface Fault {
  /** Answers with this status instead. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cuts the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends nothing more after so many bytes, and keeps the connection open. */
  readonly stallAfter?: number;
  /** Inverts the byte at this position of the file. */
  readonly flipAt?: number;
  /** Sends the whole file whatever range was asked for. */
  readonly ignoreRange?: boolean;
}

export interface HubServerOptions {
  /** Asked for every request; undefined lets it pass. */
  fault?: (request: SeenRequest) => Fault | undefined;
  /** Pause between pieces of a body, in milliseconds. */
  pieceMilliseconds?: number;
  pieceBytes?: number;
  /** Serves HTTPS with them. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

const commitOf = (repository: ServedRepository): string =>
  createHash("sha1")
    .update(
      JSON.stringify(Object.entries(repository.files).map(([path, bytes]) => [path, etagOf(bytes, false)])),
    )
    .digest("hex");

export function etagOf(bytes: Uint8Array, isLarge: boolean): string {
  return isLarge
    ? createHash("sha256").update(bytes).digest("hex")
    : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Waits until a connection takes more, or is closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.once("drain", done);
    response.once("close", done);
  });
}

const entriesPerPage = 5;

export class HubServer {
  readonly requests: SeenRequest[] = [];
  readonly repositories: Record<string, ServedRepository>;
  readonly options: HubServerOptions;
  readonly #hub: Server;
  readonly #store: Server;

  private constructor(repositories: Record<string, ServedRepository>, options: HubServerOptions) {
    this.repositories = repositories;
    this.options = options;
    const server = (listener: RequestListener): Server =>
      options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
    this.#hub = server((request, response) => void this.#answer("hub", request, response));
    this.#store = server((request, response) => void this.#answer("store", request, response));
  }

  static async start(
    repositories: Record<string, ServedRepository>,
    options: HubServerOptions = {},
  ): Promise<HubServer> {
    const server = new HubServer(repositories, options);
    for (const one of [server.#hub, server.#store])
      await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`;
  }

  /** Where large files are. */
  get store(): string {
    return `${this.#scheme}://localhost:${(this.#store.address() as AddressInfo).port}`;
  }

  get #scheme(): string {
    return this.options.tls ? "https" : "http";
  }

  commit(repository: string): string {
    return commitOf(this.#repository(repository));
  }

  /** Requests for the contents of a file, wherever they were answered from. */
  transfers(file?: string): SeenRequest[] {
    return this.requests.filter(
      (one) => one.sent > 0 && one.file !== undefined && (!file || one.file === file),
    );
  }

  async stop(): Promise<void> {
    for (const one of [this.#hub, this.#store]) {
      one.closeAllConnections();
      await new Promise((resolve) => one.close(resolve));
    }
  }

  #repository(name: string): ServedRepository {
    const found = this.repositories[name];
    if (!found) throw new Error(`the server has no ${name}`);
    return found;
  }

  #isLarge(repository: ServedRepository, bytes: Uint8Array): boolean {
    return bytes.length >= (repository.largeFrom ?? 10_000);
  }

  async #answer(origin: "hub" | "store", request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent((request.url ?? "/").split("?")[0] ?? "/");
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const file = /^\/[^/]+\/[^/]+\/(?:resolve\/[^/]+|stored)\/(.+)$/.exec(path)?.[1];
    const seen: SeenRequest = {
      origin,
      path,
      authorization: request.headers.authorization,
      file,
      first: range ? Number(range[1]) : undefined,
      last: range?.[2] ? Number(range[2]) : undefined,
      sent: 0,
    };
    this.requests.push(seen);
    const fault = this.options.fault?.(seen);
    if (fault?.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    if (origin === "store")
      return this.#sendFile(path.split("/").slice(1, 3).join("/"), seen, response, fault);
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(path);
    const resolved = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\//.exec(path);
    const name = (api ?? resolved)?.[1] ?? "";
    const repository = this.repositories[name];
    if (!repository) return this.#refuse(response, seen.authorization ? 404 : 401, "RepoNotFound");
    if (repository.token && seen.authorization !== `Bearer ${repository.token}`)
      return repository.gated && api
        ? this.#api(name, repository, api[2] ?? "", request, response)
        : this.#refuse(
            response,
            seen.authorization ? 403 : 401,
            repository.gated ? "GatedRepo" : "RepoNotFound",
          );
    const revision = api?.[3] ?? resolved?.[2] ?? "";
    if (!["main", "HEAD", commitOf(repository)].includes(revision))
      return this.#refuse(response, 404, "RevisionNotFound");
    if (api) return this.#api(name, repository, api[2] ?? "", request, response);
    return this.#resolve(name, repository, seen, response, fault);
  }

  #refuse(response: ServerResponse, status: number, reason: string): void {
    response.writeHead(status, { "x-error-code": reason, "content-type": "application/json" });
    response.end(JSON.stringify({ error: reason }));
  }

  #api(
    name: string,
    repository: ServedRepository,
    kind: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const json = (value: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(200, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    if (kind === "revision") {
      const { license, licenseName, licenseLink } = repository;
      json({
        _id: "0123",
        id: name,
        sha: commitOf(repository),
        private: false,
        gated: repository.gated ? "auto" : false,
        downloads: 1,
        likes: 1,
        lastModified: "2026-01-01T00:00:00.000Z",
        cardData: { license, license_name: licenseName, license_link: licenseLink },
      });
      return;
    }
    const entries = Object.entries(repository.files).map(([path, bytes]) => ({
      type: "file",
      path,
      size: bytes.length,
      oid: etagOf(bytes, false),
      ...(this.#isLarge(repository, bytes)
        ? { lfs: { oid: etagOf(bytes, true), size: bytes.length, pointerSize: 130 } }
        : {}),
    }));
    const query = new URLSearchParams((request.url ?? "").split("?")[1]);
    const from = Number(query.get("cursor") ?? 0);
    const more = from + entriesPerPage < entries.length;
    const next = `<${this.endpoint}/api/models/${name}/tree/${commitOf(repository)}?recursive=true&cursor=${from + entriesPerPage}>; rel="next"`;
    json(entries.slice(from, from + entriesPerPage), more ? { link: next } : {});
  }

  #resolve(
    name: string,
    repository: ServedRepository,
    seen: SeenRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): void | Promise<void> {
    const bytes = repository.files[seen.file ?? ""];
    if (!bytes) return this.#refuse(response, 404, "EntryNotFound");
    if (!this.#isLarge(repository, bytes)) return this.#sendFile(name, seen, response, fault);
    response.writeHead(302, {
      location: `${this.store}/${name}/stored/${seen.file}?signature=secret`,
      "x-linked-etag": `"${etagOf(bytes, true)}"`,
      "x-linked-size": String(bytes.length),
      "x-repo-commit": commitOf(repository),
    });
    response.end();
  }

  async #sendFile(
    name: string,
    seen: SeenRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const repository = this.#repository(name);
    const whole = repository.files[seen.file ?? ""];
    if (!whole) return this.#refuse(response, 404, "EntryNotFound");
    const isPart = seen.first !== undefined && !fault?.ignoreRange;
    const first = isPart ? (seen.first ?? 0) : 0;
    const last = isPart ? Math.min(seen.last ?? whole.length - 1, whole.length - 1) : whole.length - 1;
    if (first > last && whole.length > 0) {
      response.writeHead(416).end();
      return;
    }
    response.writeHead(isPart ? 206 : 200, {
      "content-length": String(last - first + 1),
      etag: `"${etagOf(whole, this.#isLarge(repository, whole))}"`,
      "accept-ranges": "bytes",
      "x-repo-commit": commitOf(repository),
      ...(isPart ? { "content-range": `bytes ${first}-${last}/${whole.length}` } : {}),
    });
    const body = Buffer.from(whole.subarray(first, last + 1));
    const { flipAt } = fault ?? {};
    if (flipAt !== undefined && flipAt >= first && flipAt <= last)
      body.writeUInt8(body.readUInt8(flipAt - first) ^ 255, flipAt - first);
    await this.#sendBody(body, seen, response, fault);
  }

  async #sendBody(
    body: Buffer,
    seen: SeenRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const { pieceBytes = 64 * 1024, pieceMilliseconds = 0 } = this.options;
    const end = Math.min(body.length, fault?.cutAfter ?? fault?.stallAfter ?? body.length);
    for (let at = 0; at < end && !response.destroyed; at += pieceBytes) {
      const piece = body.subarray(at, Math.min(end, at + pieceBytes));
      const isFree = response.write(piece);
      seen.sent += piece.length;
      if (pieceMilliseconds > 0) await pause(pieceMilliseconds);
      else if (!isFree) await drained(response);
    }
    if (fault?.stallAfter !== undefined) return;
    if (fault?.cutAfter !== undefined) response.destroy();
    else response.end();
  }
}

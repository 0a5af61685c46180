import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { freeBytes } from "../platform/diskSpace.ts";
import { withLock } from "../platform/lock.ts";
import { gigabytes } from "../platform/quantityText.ts";
import { forEachOf } from "../platform/taskPool.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import {
  type CachedRepository,
  cachedRepository,
  hasSize,
  linkIntoSnapshot,
  writeReference,
} from "./cacheFolder.ts";
import { fetchBlob } from "./fileFetch.ts";
import type { HubConnection } from "./hubConnection.ts";
import { hubFailure } from "./hubFailure.ts";
import { RemoteFile } from "./remoteFile.ts";
import type { Repository, RepositoryFile } from "./repositoryListing.ts";
import type { RetryOptions } from "./retries.ts";
import { TransferMeter, type TransferProgress } from "./transferMeter.ts";

export interface FetchOptions extends RetryOptions {
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly chunkBytes?: number;
  /** What is known of a file's beginning, so that it is not asked for. */
  readonly beginningOf?: (etag: string) => Uint8Array | undefined;
  /** Told the etags of the files that it begins: nothing of them was there, not even another tool's beginning. */
  readonly onBegin?: (etags: readonly string[]) => Promise<void>;
  /** Called when a file is there and right, before it gets its name: whoever notes it has noted every one. */
  readonly onBlob?: (etag: string) => Promise<void>;
  /** Files that are fetched at once. */
  readonly parallel?: number;
}

/** What a fetch came to. */
export interface Fetched {
  /** The folder of the commit, with every file that was asked for. */
  readonly folder: string;
  /** The etags of blobs that were not in the cache before. */
  readonly fetched: readonly string[];
}

const defaultParallel = 4;

/** The bytes of a file that an interrupted fetch left. */
async function keptBytes(cached: CachedRepository, { etag, size }: RepositoryFile): Promise<number> {
  const found = await stat(cached.incomplete(etag)).catch(() => undefined);
  return found && found.size <= size ? found.size : 0;
}

const sizeOf = (files: readonly RepositoryFile[]): number => files.reduce((sum, { size }) => sum + size, 0);

async function requireSpace(cache: string, bytes: number): Promise<void> {
  await mkdir(cache, { recursive: true });
  const free = await freeBytes(cache);
  if (free < bytes)
    throw new LimnerError(
      "write-failed",
      `The download needs ${gigabytes(bytes)} GB more, and ${cache} has ${gigabytes(free)} GB free. Free some space, or set HF_HUB_CACHE.`,
    );
}

class RepositoryFetch {
  readonly #connection: HubConnection;
  readonly #repository: Repository;
  readonly #cached: CachedRepository;
  readonly #options: FetchOptions;

  constructor(
    connection: HubConnection,
    repository: Repository,
    cached: CachedRepository,
    options: FetchOptions,
  ) {
    this.#connection = connection;
    this.#repository = repository;
    this.#cached = cached;
    this.#options = options;
  }

  /** @returns the etags of what was fetched */
  async run(files: readonly RepositoryFile[]): Promise<string[]> {
    const { commit, revision } = this.#repository;
    // The same contents under several names are fetched once.
    const wanted = [...new Map(files.map((file) => [file.etag, file])).values()];
    const missing: RepositoryFile[] = [];
    let kept = 0;
    const begun: string[] = [];
    let partial = 0;
    for (const file of wanted) {
      if (await this.#isThere(file)) kept += file.size;
      else {
        missing.push(file);
        if (!existsSync(this.#cached.incomplete(file.etag))) begun.push(file.etag);
        partial += await keptBytes(this.#cached, file);
      }
    }
    const total = sizeOf(wanted);
    await requireSpace(this.#connection.settings.cache, total - kept - partial);
    if (missing.length > 0) await this.#options.onBegin?.(begun);
    const meter = new TransferMeter(total, kept, this.#options.onProgress ?? (() => {}));
    await this.#fetchAll(missing, meter);
    for (const file of files) await linkIntoSnapshot(this.#cached, commit, file);
    await writeReference(this.#cached, revision, commit);
    return missing.map(({ etag }) => etag);
  }

  /** Whether a file needs no fetch: its blob is there, or where links are not allowed the file itself. */
  async #isThere({ path, etag, size }: RepositoryFile): Promise<boolean> {
    const { commit } = this.#repository;
    return (
      (await hasSize(this.#cached.blob(etag), size)) || hasSize(this.#cached.pointer(commit, path), size)
    );
  }

  /** One failure stops the others: what they have is kept. */
  async #fetchAll(files: readonly RepositoryFile[], meter: TransferMeter): Promise<void> {
    const stop = new AbortController();
    const { signal, parallel = defaultParallel } = this.#options;
    const either = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
    await forEachOf(files, parallel, (file) =>
      this.#fetch(file, meter, either).catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    );
  }

  async #fetch(file: RepositoryFile, meter: TransferMeter, signal: AbortSignal): Promise<void> {
    const { repository, commit } = this.#repository;
    let isFirst = true;
    try {
      await fetchBlob(new RemoteFile(this.#connection, repository, commit, file), this.#cached, {
        ...this.#options,
        signal,
        onBytes: (count) => {
          // What an earlier fetch left comes first.
          meter.add(count, !isFirst);
          isFirst = count < 0;
        },
      });
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      throw hubFailure(error, `${file.path} of ${repository}`, repository, this.#connection.settings);
    }
  }
}

/**
 * Brings files of a repository into the shared cache. Nothing that is there is fetched again; an interrupted fetch goes
 * on where it stopped. Of two processes that want the same repository one waits for the other.
 * @throws LimnerError `download-failed`, `write-failed`; the signal's reason when it is aborted
 */
export async function fetchFiles(
  connection: HubConnection,
  repository: Repository,
  files: readonly RepositoryFile[],
  options: FetchOptions = {},
): Promise<Fetched> {
  const cached = cachedRepository(connection.settings.cache, repository.repository);
  const { signal } = options;
  const onWait = () =>
    options.onWait?.(`Another Limner is fetching ${repository.repository}; waiting for it.`);
  const run = () => new RepositoryFetch(connection, repository, cached, options).run(files);
  try {
    const fetched = await withLock(cached.lock(), run, { signal, onWait });
    return { folder: cached.snapshot(repository.commit), fetched };
  } catch (error) {
    signal?.throwIfAborted();
    throw hubFailure(error, repository.repository, repository.repository, connection.settings);
  }
}

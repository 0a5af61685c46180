import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { LimnerError } from "../protocol/limnerError.ts";
import { type CachedRepository, fileSize } from "./cacheFolder.ts";
import { type ContentHash, contentHash, updateFromFile } from "./contentHash.ts";
import type { RemoteFile } from "./remoteFile.ts";
import { type RetryOptions, withRetries } from "./retries.ts";

/** One request asks for so many bytes: at most they are lost when a process is killed or a connection breaks. */
export const defaultChunkBytes = 16 * 1024 * 1024;

export interface FileFetchOptions extends RetryOptions {
  /** Told how many more bytes are there; negative where bytes turned out to be wrong. */
  readonly onBytes: (count: number) => void;
  readonly chunkBytes?: number;
  /** What is known of a file's beginning, so that it is not asked for. */
  readonly beginningOf?: (etag: string) => Uint8Array | undefined;
  /** Called when a file is there and right, before it gets its name: whoever notes it has noted every one. */
  readonly onBlob?: (etag: string) => Promise<void>;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}

/** A file that grows at its end while its checksum is computed. */
class GrowingFile {
  readonly #handle: FileHandle;
  readonly #hash: ContentHash;
  size: number;

  private constructor(handle: FileHandle, hash: ContentHash, size: number) {
    this.#handle = handle;
    this.#hash = hash;
    this.size = size;
  }

  /** Opens what an earlier fetch left, or an empty file. */
  static async open(
    path: string,
    hash: ContentHash,
    most: number,
    signal?: AbortSignal,
  ): Promise<GrowingFile> {
    const found = await fileSize(path);
    // Longer than the whole file: those bytes are of something else.
    if (found > most) await rm(path, { force: true });
    const kept = found > most ? 0 : found;
    if (kept > 0) await updateFromFile(hash, path, signal);
    return new GrowingFile(await open(path, kept > 0 ? "r+" : "w"), hash, kept);
  }

  async append(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#handle, bytes, this.size);
    this.#hash.update(bytes);
    this.size += bytes.byteLength;
  }

  /** Brings the bytes onto the disk. @returns their checksum */
  async finish(): Promise<string> {
    await this.#handle.sync();
    return this.#hash.digest();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Appends what is missing, request after request. */
async function fetchRest(remote: RemoteFile, growing: GrowingFile, options: FileFetchOptions): Promise<void> {
  const { onBytes, signal, chunkBytes = defaultChunkBytes } = options;
  const { size } = remote.file;
  await withRetries(async (progressed) => {
    while (growing.size < size) {
      const before = growing.size;
      const last = Math.min(size, before + chunkBytes) - 1;
      for await (const piece of remote.bytes(before, last, signal)) {
        await growing.append(piece);
        onBytes(piece.byteLength);
        progressed();
      }
      if (growing.size === before) throw new Error("the connection ended early");
    }
  }, options);
}

/** Fetches what is missing of a blob. @returns whether its checksum is right */
async function fetchOnce(
  remote: RemoteFile,
  cached: CachedRepository,
  options: FileFetchOptions,
): Promise<boolean> {
  const { etag, size } = remote.file;
  const path = cached.incomplete(etag);
  const growing = await GrowingFile.open(path, contentHash(etag, size), size, options.signal);
  try {
    const known = growing.size === 0 ? options.beginningOf?.(etag) : undefined;
    if (known) await growing.append(known.subarray(0, size));
    options.onBytes(growing.size);
    await fetchRest(remote, growing, options);
    return (await growing.finish()) === etag;
  } finally {
    await growing.close();
  }
}

/**
 * Fetches a file into the cache's blobs, going on where an interrupted fetch stopped. It gets its name when all of it
 * is there and its checksum is right.
 * @throws LimnerError `download-failed` where the bytes are wrong twice; whatever else the hub or the disk says
 */
export async function fetchBlob(
  remote: RemoteFile,
  cached: CachedRepository,
  options: FileFetchOptions,
): Promise<void> {
  const { etag, size, path } = remote.file;
  await mkdir(dirname(cached.blob(etag)), { recursive: true });
  for (let tries = 0; tries < 2; tries++) {
    if (await fetchOnce(remote, cached, options)) {
      await options.onBlob?.(etag);
      await rename(cached.incomplete(etag), cached.blob(etag));
      return;
    }
    options.onBytes(-size);
    await rm(cached.incomplete(etag), { force: true });
  }
  throw new LimnerError(
    "download-failed",
    `${path} arrived twice with another checksum than the hub's listing says (${etag}). Something changes it on the way: try another network or proxy.`,
  );
}

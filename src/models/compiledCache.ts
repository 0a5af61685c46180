import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes } from "../platform/diskSpace.ts";
import { withLock } from "../platform/lock.ts";

/** Where compiled models are kept from one start to the next, and how much of them. */
export interface CompiledCacheOptions {
  directory: string;
  /** Bytes that are kept (default: 12 GiB). What is in use just now is kept beyond that. */
  limit?: number;
  /** Milliseconds since 1970. */
  now?(): number;
}

const defaultLimit = 12 * 2 ** 30;

/** What was used so lately may be in use still, by this process or another. In milliseconds. */
const inUseFor = 10 * 60 * 1000;

/** A compiled model is about as large as its weights; with floats made of some of them, up to this many times. */
const largestGrowth = 3;

const removed = ".removed-";

interface Entry {
  folder: string;
  bytes: number;
  used: number;
}

async function entriesOf(directory: string): Promise<Entry[]> {
  const folders = await readdir(directory, { withFileTypes: true });
  const entries: Entry[] = [];
  for (const found of folders) {
    const folder = join(directory, found.name);
    if (!found.isDirectory()) continue;
    if (found.name.startsWith(removed)) {
      // A process was killed, or a blob was open, while it was being removed.
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      continue;
    }
    const blobs = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    const { mtimeMs } = await stat(folder);
    entries.push({ folder, bytes: blobs.reduce((sum, { size }) => sum + size, 0), used: mtimeMs });
  }
  return entries;
}

/**
 * OpenVINO's cache of compiled models, in one folder for each submodel, device and precision, bounded in size.
 * OpenVINO itself tells blobs apart by what is in a model, and compiles anew where a blob is missing or cut short.
 * Two processes do not write one blob at the same time: a lock for each folder sees to that.
 */
export class CompiledCache {
  readonly #directory: string;
  readonly #limit: number;
  readonly #now: () => number;

  constructor({ directory, limit = defaultLimit, now = Date.now }: CompiledCacheOptions) {
    this.#directory = directory;
    this.#limit = limit;
    this.#now = now;
  }

  #folderOf(parts: readonly string[]): string {
    const name = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
    return join(this.#directory, name);
  }

  /** Whether something is kept under a key. It may be for an older version of the files. */
  async has(key: readonly string[]): Promise<boolean> {
    const files = await readdir(this.#folderOf(key)).catch(() => []);
    return files.some((name) => name.endsWith(".blob"));
  }

  /**
   * Runs a compile with its folder of the cache. Without one where the cache cannot be written to or the disk has no
   * room for it: then nothing is kept.
   * @param key what tells the model apart: its file, variant, device, precision
   * @param bytes size of its weights
   */
  async use<T>(
    key: readonly string[],
    bytes: number,
    compile: (cacheDirectory: string | undefined) => Promise<T>,
  ): Promise<T> {
    const folder = this.#folderOf(key);
    if (!(await this.#canKeep(folder, bytes))) return compile(undefined);
    const compiled = await withLock(`${folder}.lock`, () => compile(folder));
    const now = this.#now() / 1000;
    await utimes(folder, now, now).catch(() => undefined);
    await this.bound();
    return compiled;
  }

  async #canKeep(folder: string, bytes: number): Promise<boolean> {
    try {
      await mkdir(folder, { recursive: true });
      if ((await readdir(folder)).some((name) => name.endsWith(".blob"))) return true;
      return (await freeBytes(folder)) > bytes * largestGrowth;
    } catch {
      return false;
    }
  }

  /** Removes what was not used for longest, until the rest is within the limit. Never fails. */
  async bound(): Promise<void> {
    const entries = await entriesOf(this.#directory).catch(() => []);
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { folder, bytes, used } of entries.sort((a, b) => a.used - b.used)) {
      if (total <= this.#limit || this.#now() - used < inUseFor) return;
      if (await this.#remove(folder)) total -= bytes;
    }
  }

  /**
   * Moved away first, so that nobody finds half of it. A process that has a blob mapped keeps it on Linux and macOS;
   * on Windows an open file cannot be moved, and the folder stays.
   */
  async #remove(folder: string): Promise<boolean> {
    const away = join(this.#directory, `${removed}${randomUUID()}`);
    try {
      await rename(folder, away);
      await rm(away, { recursive: true, force: true });
      return true;
    } catch {
      return false;
    }
  }
}

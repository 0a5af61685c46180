import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { userDirectories } from "../../platform/directories.ts";
import { type LockOptions, withLock } from "../../platform/lock.ts";
import { replaceFile } from "../../platform/replaceFile.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { type InterruptedFetch, interruptedFetchSchema, isSameFetch } from "./interruptedFetch.ts";
import { type StoredModel, storedModelSchema } from "./storedModel.ts";

const indexSchema = z.object({
  version: z.literal(1),
  models: z.array(storedModelSchema).max(10_000),
  /** Licenses that were accepted: repository and license. */
  accepted: z.array(z.string().max(500)).max(10_000).default([]),
  /** Blobs of the hub's cache that Limner fetched: repository and checksum. */
  fetched: z.array(z.string().max(500)).max(1_000_000).default([]),
  /** Those that Limner began and that are not whole yet. */
  begun: z.array(z.string().max(500)).max(1_000_000).default([]),
  interrupted: z.array(interruptedFetchSchema).max(10_000).default([]),
});
export type ModelIndex = z.infer<typeof indexSchema>;

const largestIndex = 64 * 1024 * 1024;
const emptyIndex: ModelIndex = {
  version: 1,
  models: [],
  accepted: [],
  fetched: [],
  begun: [],
  interrupted: [],
};

/**
 * The models that a user has, shared by every process of the user: an index and the folders of conversions. Changes
 * are made under a lock and written whole.
 */
export class ModelStore {
  readonly folder: string;

  /** @param folder Limner's data folder for models by default */
  constructor(folder: string = join(userDirectories().data, "models")) {
    this.folder = folder;
  }

  get #file(): string {
    return join(this.folder, "index.json");
  }

  /** The folder of a conversion. */
  folderOf(name: string): string {
    return join(this.folder, name);
  }

  /** @throws LimnerError `model-damaged` where the index is not what Limner writes */
  read(): ModelIndex {
    if (!existsSync(this.#file)) return emptyIndex;
    try {
      if (statSync(this.#file).size > largestIndex) throw new Error("it is too large");
      return indexSchema.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch (error) {
      throw new LimnerError(
        "model-damaged",
        `${this.#file} is damaged. Move it away: the models stay, and "limner models import" or "get" brings them back.`,
        { cause: error },
      );
    }
  }

  /** The model of a name; letters' case does not matter. */
  find(name: string): StoredModel | undefined {
    return this.read().models.find((one) => one.name.toLowerCase() === name.toLowerCase());
  }

  /** As `find`. @throws LimnerError `model-not-found` where there is none */
  get(name: string): StoredModel {
    const model = this.find(name);
    if (!model)
      throw new LimnerError("model-not-found", `There is no model "${name}". See limner models list.`);
    return model;
  }

  /** Changes the index. No other process changes it meanwhile, and a reader sees the old or the new one. */
  async change(edit: (index: ModelIndex) => ModelIndex): Promise<void> {
    await withLock(join(this.folder, "locks", "index.lock"), async () => {
      await replaceFile(this.#file, `${JSON.stringify(edit(this.read()), undefined, 1)}\n`);
    });
  }

  /** Adds a model, or puts it in the place of the one of that name. */
  put(model: StoredModel): Promise<void> {
    return this.change((index) => ({
      ...index,
      models: [
        ...index.models.filter(({ name }) => name.toLowerCase() !== model.name.toLowerCase()),
        model,
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    }));
  }

  /**
   * Notes that Limner begins blobs of which nothing was there: what is left of them is its own.
   * @param fetch to be gone on with if it is interrupted
   */
  noteBegun(repository: string, etags: readonly string[], fetch?: InterruptedFetch): Promise<void> {
    const keys = etags.map((etag) => fetchedKey(repository, etag));
    return this.change((index) => ({
      ...index,
      begun: [...new Set([...index.begun, ...keys])],
      interrupted: fetch
        ? [...index.interrupted.filter((one) => !isSameFetch(one, fetch)), fetch]
        : index.interrupted,
    }));
  }

  /** Notes that Limner itself fetched blobs of the hub's cache: it may delete them. */
  noteFetched(repository: string, etags: readonly string[]): Promise<void> {
    if (etags.length === 0) return Promise.resolve();
    const keys = etags.map((etag) => fetchedKey(repository, etag));
    return this.change((index) => ({
      ...index,
      fetched: [...new Set([...index.fetched, ...keys])],
      begun: index.begun.filter((key) => !keys.includes(key)),
    }));
  }

  /** The lock under which the files of one model are made and deleted. */
  lockOf(name: string): string {
    return join(this.folder, "locks", `${name.toLowerCase()}.model.lock`);
  }

  /** Runs a task that makes or deletes the files of one model; another process that wants the same waits. */
  locked<T>(name: string, task: () => Promise<T>, options: LockOptions = {}): Promise<T> {
    return withLock(this.lockOf(name), task, options);
  }
}

/** A blob of the hub's cache in the index. */
export function fetchedKey(repository: string, etag: string): string {
  return `${repository} ${etag}`;
}

import { fileSize, repositoryOf } from "../../hub/cacheFolder.ts";
import { fetchId, type InterruptedFetch } from "./interruptedFetch.ts";
import { isFetching } from "./interruptedRemoval.ts";
import { fetchedKey, type ModelStore } from "./modelStore.ts";
import { partsOf } from "./storedModel.ts";

/** A download that did not end. */
export interface InterruptedDownload {
  /** By which it is removed: the repository, or a file of it. */
  readonly id: string;
  readonly type: "model" | "lora";
  /** Whether some process fetches it now. */
  readonly isRunning: boolean;
  readonly repository: string;
  readonly commit: string;
  /** What goes on with it. */
  readonly resume: { readonly what: string; readonly name?: string; readonly revision?: string };
  /** What a removal frees: of every byte of it Limner fetched, and no model uses it. */
  readonly bytes: number;
  /** What needs no fetch any more, and all of it. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

async function describe(store: ModelStore, fetch: InterruptedFetch): Promise<InterruptedDownload> {
  const { what, name, revision, type, files } = fetch;
  const { repository, commit } = files.hub;
  const { begun, fetched, models } = store.read();
  const used = new Set(models.flatMap(partsOf).flatMap((part) => part.files.map(({ digest }) => digest)));
  const cached = repositoryOf(files.folder, repository);
  let [bytes, bytesDone, bytesTotal] = [0, 0, 0];
  // Files of the same contents are fetched once.
  for (const { digest, size } of new Map(files.files.map((file) => [file.digest, file])).values()) {
    const key = fetchedKey(repository, digest);
    const [partial, whole] = [await fileSize(cached.incomplete(digest)), await fileSize(cached.blob(digest))];
    if (begun.includes(key)) bytes += partial;
    if (fetched.includes(key) && !used.has(digest)) bytes += whole;
    bytesDone += Math.min(size, Math.max(partial, whole));
    bytesTotal += size;
  }
  return {
    id: fetchId(fetch),
    type,
    isRunning: await isFetching(fetch),
    repository,
    commit,
    resume: { what, name, revision },
    bytes,
    bytesDone,
    bytesTotal,
  };
}

/** The downloads that began and did not end, of which something is on the disk. */
export async function listInterrupted(store: ModelStore): Promise<InterruptedDownload[]> {
  const found = await Promise.all(store.read().interrupted.map((fetch) => describe(store, fetch)));
  return found.filter(({ bytes, isRunning }) => bytes > 0 || isRunning);
}

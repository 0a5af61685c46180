import { cacheOf, repositoryOf } from "../../hub/cacheFolder.ts";
import { isLocked } from "../../platform/lock.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { removeFromHub } from "./hubRemoval.ts";
import { fetchId, type InterruptedFetch, isSameFetch } from "./interruptedFetch.ts";
import type { ModelStore } from "./modelStore.ts";
import { partsOf } from "./storedModel.ts";

/** The fetches that are left of something. @param what their id, or what they were asked for by */
export function interruptedFetches(store: ModelStore, what: string): InterruptedFetch[] {
  return store
    .read()
    .interrupted.filter((fetch) => [fetchId(fetch), fetch.name ?? fetch.what].includes(what));
}

/** Whether the repository is being fetched now. */
export function isFetching({ files }: InterruptedFetch): Promise<boolean> {
  return isLocked(repositoryOf(files.folder, files.hub.repository).lock());
}

/**
 * Deletes what an interrupted fetch has left: what Limner itself began or fetched, and no model and no other fetch wants.
 * @returns how many bytes became free
 * @throws LimnerError `usage` while it is being fetched
 */
export async function removeInterrupted(store: ModelStore, fetch: InterruptedFetch): Promise<number> {
  if (await isFetching(fetch))
    throw new LimnerError(
      "usage",
      `${fetch.files.hub.repository} is being fetched. Stop that first, or wait until it is there.`,
    );
  const { models, interrupted } = store.read();
  const others = interrupted.filter((one) => !isSameFetch(one, fetch)).map(({ files }) => files);
  const bytes = await removeFromHub(store, fetch.files, [...models.flatMap(partsOf), ...others]);
  await forget(store, fetch);
  return bytes;
}

function forget(store: ModelStore, fetch: InterruptedFetch): Promise<void> {
  return store.change((index) => ({
    ...index,
    interrupted: index.interrupted.filter((one) => !isSameFetch(one, fetch)),
  }));
}

/** A fetch is whole: it is forgotten, and what is left of the same thing's older commits goes. */
export async function endFetch(store: ModelStore, fetch: InterruptedFetch): Promise<void> {
  const { interrupted } = store.read();
  if (interrupted.some((one) => isSameFetch(one, fetch))) await forget(store, fetch);
  for (const older of interrupted) {
    const isOlder =
      fetchId(older) === fetchId(fetch) && cacheOf(older.files.folder) === cacheOf(fetch.files.folder);
    if (isOlder && !isSameFetch(older, fetch) && !(await isFetching(older)))
      await removeInterrupted(store, older);
  }
}

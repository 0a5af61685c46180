import type { FetchOptions } from "../../hub/repositoryFetch.ts";
import type { InterruptedFetch } from "./interruptedFetch.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";

/**
 * How a fetch for the store is followed and stopped; the store notes what Limner itself begins and fetches.
 * @param fetch to be gone on with if it is interrupted
 */
export function fetchHooks(
  store: ModelStore,
  repository: string,
  { signal, onNote, onProgress }: ModelWorkHooks,
  fetch?: InterruptedFetch,
): FetchOptions {
  return {
    signal,
    onWait: onNote,
    onProgress: (progress) => onProgress?.({ phase: "fetch", ...progress }),
    onBegin: (etags) => store.noteBegun(repository, etags, fetch),
    onBlob: (etag) => store.noteFetched(repository, [etag]),
  };
}

import type { FetchOptions } from "../../hub/repositoryFetch.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ModelWorkHooks } from "./modelWork.ts";

/** How a fetch for the store is followed and stopped; the store notes what Limner itself fetched. */
export function fetchHooks(
  store: ModelStore,
  repository: string,
  { signal, onNote, onProgress }: ModelWorkHooks,
): FetchOptions {
  return {
    signal,
    onWait: onNote,
    onProgress: (progress) => onProgress?.({ phase: "fetch", ...progress }),
    onBlob: (etag) => store.noteFetched(repository, [etag]),
  };
}

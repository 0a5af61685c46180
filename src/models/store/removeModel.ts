import { LimnerError } from "../../protocol/limnerError.ts";
import { builtInModels } from "../builtInModels.ts";
import { removeConversionRemains } from "./conversionRemains.ts";
import { removeFiles } from "./filesRemoval.ts";
import type { InterruptedFetch } from "./interruptedFetch.ts";
import { interruptedFetches, removeInterrupted } from "./interruptedRemoval.ts";
import type { ModelStore } from "./modelStore.ts";
import type { StoredModel } from "./storedModel.ts";

/** What a removal came to. */
export interface Removal {
  readonly name: string;
  readonly freedBytes: number;
  /** Folders that are left alone because they are not Limner's. */
  readonly kept: readonly string[];
}

/** What of a model goes: all of it, or only the checkpoint that it was converted from. */
export type RemovedPart = "all" | "source";

async function forget(store: ModelStore, model: StoredModel, part: RemovedPart): Promise<void> {
  if (part === "source" && model.drawable) {
    const { source: _, convertedFrom: __, ...rest } = model;
    await store.put(rest);
    return;
  }
  await store.change((index) => ({
    ...index,
    models: index.models.filter(({ name }) => name !== model.name),
  }));
}

async function removeAll(
  store: ModelStore,
  name: string,
  fetches: readonly InterruptedFetch[],
): Promise<Removal> {
  let freedBytes = 0;
  for (const fetch of fetches) freedBytes += await removeInterrupted(store, fetch);
  return { name, freedBytes, kept: [] };
}

/**
 * Removes a model from the store. Deleted are conversions, copies, and what Limner fetched into the hub's cache and
 * nothing else uses; files of the user's stay. What an interrupted fetch has left is removed by its repository.
 * @throws LimnerError `model-not-found`, `usage`
 */
export async function removeModel(
  store: ModelStore,
  name: string,
  part: RemovedPart = "all",
): Promise<Removal> {
  if (builtInModels().includes(name) && !store.find(name))
    throw new LimnerError("usage", `"${name}" comes with Limner and cannot be removed.`);
  await removeConversionRemains(store);
  const left = store.find(name) ? [] : interruptedFetches(store, name);
  if (left.length > 0) return removeAll(store, name, left);
  return store.locked(name, async () => {
    const model = store.get(name);
    if (part === "source" && (!model.drawable || !model.source))
      throw new LimnerError(
        "usage",
        model.source
          ? `"${name}" is not converted: without its source nothing would be left. Remove all of it.`
          : `The source of "${name}" is not kept.`,
      );
    await forget(store, model, part);
    let freedBytes = 0;
    const kept: string[] = [];
    for (const files of [model.source, part === "all" ? model.drawable : undefined]) {
      if (!files) continue;
      const removed = await removeFiles(store, files);
      freedBytes += removed.bytes;
      if (removed.kept) kept.push(files.folder);
    }
    return { name: model.name, freedBytes, kept };
  });
}

import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { convertModel, defaultGroupSize } from "../../convert/convertModel.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { Recommendation } from "../configSchemas.ts";
import { fewStepRecommendation } from "../fewSteps.ts";
import { checksumsOf, filesBelow } from "./checksums.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ConversionWishes, ModelWorkHooks } from "./modelWork.ts";
import { type StoredFiles, type StoredModel, sourcePath } from "./storedModel.ts";

/** Files of a folder with their checksums, which are computed now. */
export async function registered(
  folder: string,
  place: StoredFiles["place"],
  paths: readonly { path: string; size: number }[],
  { signal, onProgress }: ModelWorkHooks,
): Promise<StoredFiles> {
  const files = await checksumsOf(folder, paths, {
    signal,
    onProgress: (bytesDone, bytesTotal) => onProgress?.({ phase: "check", bytesDone, bytesTotal }),
  });
  return { place, folder, files };
}

async function guidanceWidth(folder: string): Promise<number | undefined> {
  const config: unknown = JSON.parse(await readFile(join(folder, "unet", "config.json"), "utf8"));
  const width = (config as { time_cond_proj_dim?: unknown }).time_cond_proj_dim;
  return typeof width === "number" ? width : undefined;
}

/** Writes what is recommended into a model's folder, so that it says so itself wherever it goes. */
async function writeRecommendation(folder: string, recommendation: Recommendation): Promise<void> {
  if (Object.keys(recommendation).length === 0) return;
  await writeFile(join(folder, "limner.json"), `${JSON.stringify(recommendation, undefined, 2)}\n`);
}

/**
 * Converts the checkpoint of a model of the store, unless it is converted in that way already. Another process that
 * converts it is waited for.
 * @throws LimnerError
 */
export async function convertStored(
  store: ModelStore,
  name: string,
  wishes: ConversionWishes,
  hooks: ModelWorkHooks,
): Promise<StoredModel> {
  const onWait = () => hooks.onNote?.(`Another Limner is converting ${name}; waiting for it.`);
  return store.locked(name, () => convertLocked(store, name, wishes, hooks), {
    signal: hooks.signal,
    onWait,
  });
}

async function convertLocked(
  store: ModelStore,
  name: string,
  { weights = "int8", groupSize = weights === "int4" ? defaultGroupSize : undefined }: ConversionWishes,
  hooks: ModelWorkHooks,
): Promise<StoredModel> {
  const model = store.find(name);
  if (!model)
    throw new LimnerError("model-not-found", `There is no model "${name}". See limner models list.`);
  const isSame = model.weights === weights && model.groupSize === groupSize;
  if (model.drawable && isSame && existsSync(model.drawable.folder)) return model;
  const { source } = model;
  if (!source || model.type === "lora")
    throw new LimnerError(
      "model-unsupported",
      model.type === "lora"
        ? `"${name}" is a LoRA: it is merged when it is used, not converted.`
        : `The checkpoint of "${name}" is not kept. Get it again: its source is what is converted.`,
    );
  const folder = store.folderOf(model.name);
  // No model can be called this.
  const fresh = `${folder}~new`;
  for (const left of [fresh, ...(model.drawable ? [] : [folder])])
    await rm(left, { recursive: true, force: true });
  await convertModel(
    {
      source: sourcePath(source, join),
      out: fresh,
      weights,
      groupSize,
      predictionType: model.recommendation?.predictionType,
    },
    {
      signal: hooks.signal,
      onProgress: (progress) => hooks.onProgress?.({ phase: "convert", ...progress }),
    },
  );
  const recommendation =
    model.recommendation ??
    fewStepRecommendation({ names: [model.name], guidanceEmbeddingWidth: await guidanceWidth(fresh) });
  await writeRecommendation(fresh, { ...recommendation, name: model.name });
  return adopt(store, { ...model, weights, groupSize, recommendation }, fresh, folder, hooks);
}

/** Puts a finished conversion in its place and into the index. */
async function adopt(
  store: ModelStore,
  model: StoredModel,
  fresh: string,
  folder: string,
  hooks: ModelWorkHooks,
): Promise<StoredModel> {
  const drawable = await registered(fresh, "store", await filesBelow(fresh), hooks);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  const converted: StoredModel = { ...model, drawable: { ...drawable, folder } };
  await store.put(converted);
  return converted;
}

import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { convertModel, defaultGroupSize } from "../../convert/convertModel.ts";
import { replaceFolder } from "../../platform/replaceFolder.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { Recommendation } from "../configSchemas.ts";
import { fewStepRecommendation } from "../fewSteps.ts";
import { checksumsOf, filesBelow } from "./checksums.ts";
import { removeConversionRemains } from "./conversionRemains.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ConversionWishes, ModelWorkHooks } from "./modelWork.ts";
import { removeReplaced } from "./replacedFiles.ts";
import { contentsOf, isUpToDate, type StoredFiles, type StoredModel, sourcePath } from "./storedModel.ts";

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
 * Converts the checkpoint of a model of the store, unless it is converted in that way already. What it was converted to
 * before stays until the new one is whole. Another process that converts it is waited for.
 * @param isDamaged convert in any case
 * @throws LimnerError
 */
export async function convertStored(
  store: ModelStore,
  name: string,
  wishes: ConversionWishes,
  hooks: ModelWorkHooks,
  isDamaged = false,
): Promise<StoredModel> {
  await removeConversionRemains(store);
  const onWait = () => hooks.onNote?.(`Another Limner is converting ${name}; waiting for it.`);
  return store.locked(name, () => convertLocked(store, name, wishes, hooks, isDamaged), {
    signal: hooks.signal,
    onWait,
  });
}

async function convertLocked(
  store: ModelStore,
  name: string,
  { weights = "int8", groupSize = weights === "int4" ? defaultGroupSize : undefined }: ConversionWishes,
  hooks: ModelWorkHooks,
  isDamaged: boolean,
): Promise<StoredModel> {
  const model = store.get(name);
  const isSame = model.weights === weights && model.groupSize === groupSize && isUpToDate(model);
  if (model.drawable && isSame && !isDamaged && existsSync(model.drawable.folder)) return model;
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
  await rm(fresh, { recursive: true, force: true });
  try {
    const { drawable, recommendation } = await converted(model, source, { weights, groupSize }, fresh, hooks);
    await replaceFolder(fresh, folder);
    const after: StoredModel = {
      ...model,
      drawable: { ...drawable, folder },
      convertedFrom: contentsOf(source),
      weights,
      groupSize,
      recommendation,
    };
    await store.put(after);
    await removeReplaced(store, model, after, hooks);
    return after;
  } finally {
    // What stays of one that failed or was cancelled; the model is drawn with as before.
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Converts a checkpoint into a folder, and reads what came about. */
async function converted(
  { name, recommendation: known }: StoredModel,
  source: StoredFiles,
  wishes: ConversionWishes,
  out: string,
  hooks: ModelWorkHooks,
): Promise<{ readonly drawable: StoredFiles; readonly recommendation: Recommendation }> {
  await convertModel(
    { source: sourcePath(source, join), out, ...wishes, predictionType: known?.predictionType },
    {
      signal: hooks.signal,
      onProgress: (progress) => hooks.onProgress?.({ phase: "convert", ...progress }),
    },
  );
  const recommendation =
    known ?? fewStepRecommendation({ names: [name], guidanceEmbeddingWidth: await guidanceWidth(out) });
  await writeRecommendation(out, { ...recommendation, name });
  return { drawable: await registered(out, "store", await filesBelow(out), hooks), recommendation };
}

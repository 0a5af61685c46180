import { cp, mkdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { openSafetensors } from "../../checkpoints/safetensorsFile.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { fewStepRecommendation } from "../fewSteps.ts";
import { type LocalModel, localModel } from "../localModel.ts";
import { readModelFolder } from "../modelFolder.ts";
import { filesBelow } from "./checksums.ts";
import { requireFreeName, suggestedName } from "./modelNames.ts";
import type { ModelStore } from "./modelStore.ts";
import type { ConversionWishes, ModelWorkHooks } from "./modelWork.ts";
import { removeReplaced } from "./replacedFiles.ts";
import { convertStored, registered } from "./storedConversion.ts";
import { conversionOf, type StoredFiles, type StoredModel, sourcePath } from "./storedModel.ts";

/** What to take in. */
export interface ImportRequest extends ConversionWishes {
  /** A folder of OpenVINO IR, a folder in diffusers' layout, a checkpoint's or a LoRA's `.safetensors` file. */
  readonly path: string;
  readonly name?: string;
  /** Whether files that can be used as they are are copied; otherwise they stay where they are. */
  readonly copy?: boolean;
}

async function copied(store: ModelStore, name: string, path: string): Promise<string> {
  const folder = store.folderOf(name);
  const isFile = (await stat(path)).isFile();
  // It lies there already: the index was lost.
  if (path === folder || dirname(path) === folder) return folder;
  // What a copy that was stopped has left: no model has this name.
  await rm(folder, { recursive: true, force: true });
  try {
    await mkdir(isFile ? folder : dirname(folder), { recursive: true });
    await cp(path, isFile ? join(folder, basename(path)) : folder, { recursive: true, dereference: true });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** The files of a model where they are, or a copy of them. */
async function taken(
  store: ModelStore,
  name: string,
  path: string,
  copy: boolean,
  hooks: ModelWorkHooks,
): Promise<StoredFiles> {
  const isFile = (await stat(path)).isFile();
  const home = isFile ? dirname(path) : path;
  const folder = copy ? await copied(store, name, path) : home;
  const below = isFile ? [{ path: basename(path), size: (await stat(path)).size }] : await filesBelow(folder);
  if (below.length > 2000)
    throw new LimnerError(
      "model-unsupported",
      `${path} has ${below.length} files: no model has. Give its own folder.`,
    );
  return registered(folder, copy ? "store" : "user", below, hooks);
}

async function clues(
  path: string,
  kind: LocalModel["kind"],
): Promise<Parameters<typeof fewStepRecommendation>[0]> {
  const names = [basename(path)];
  if (kind !== "lora" && kind !== "single-file") return { names };
  const set = await openSafetensors(path);
  await set.close();
  return { names, metadata: set.metadata, isLora: kind === "lora" };
}

/**
 * Takes a model of the user's own into the store: IR and LoRAs as they are, checkpoints by converting them. What is not
 * copied stays the user's and is never deleted.
 * @throws LimnerError
 */
export async function importModel(
  store: ModelStore,
  request: ImportRequest,
  hooks: ModelWorkHooks = {},
): Promise<StoredModel> {
  const path = resolve(request.path);
  const { kind } = await localModel(path);
  const name = request.name ?? suggestedName(basename(path));
  const isSame = (model: StoredModel) =>
    [model.source, model.drawable].some(
      (files) => files?.place === "user" && sourcePath(files, join) === path,
    );
  requireFreeName(store, name, isSame);
  // A folder that is no model is refused before its files are read.
  if (kind === "openvino") readModelFolder(path);
  const files = await taken(
    store,
    name,
    path,
    (request.copy ?? false) && ["openvino", "lora"].includes(kind),
    hooks,
  );
  const recommendation = fewStepRecommendation(await clues(path, kind));
  const before = store.find(name);
  const isCheckpoint = kind === "diffusers" || kind === "single-file";
  const model: StoredModel = {
    name: before?.name ?? name,
    type: kind === "lora" ? "lora" : "model",
    ...(kind === "openvino" ? { drawable: files } : { source: files }),
    ...(isCheckpoint ? conversionOf(before) : {}),
    ...(Object.keys(recommendation).length > 0 ? { recommendation } : {}),
    added: new Date().toISOString().slice(0, 10),
  };
  await store.put(model);
  await removeReplaced(store, before, model, hooks);
  return isCheckpoint ? convertStored(store, model.name, request, hooks) : model;
}

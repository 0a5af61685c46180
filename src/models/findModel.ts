import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { LimnerError } from "../protocol/limnerError.ts";
import { boxModel, builtInFolder, builtInModels } from "./builtInModels.ts";
import { catalogue } from "./catalogue.ts";
import { ModelStore } from "./store/modelStore.ts";
import type { StoredModel } from "./store/storedModel.ts";

export { boxModel, builtInModels };

function isName(text: string): boolean {
  return !isAbsolute(text) && !/[\\/]/.test(text);
}

/** The folder of a model that the user has by name. @throws LimnerError where there is nothing to draw from */
function folderOf(model: StoredModel): string {
  const { name, type, drawable } = model;
  if (type === "lora")
    throw new LimnerError(
      "model-not-found",
      `"${name}" is a LoRA, which is applied to a model: --lora ${name}, or <lora:${name}:1> in the prompt.`,
    );
  if (!drawable)
    throw new LimnerError(
      "model-not-found",
      `"${name}" is a checkpoint that is not converted yet: limner models convert ${name}`,
    );
  if (!existsSync(drawable.folder))
    throw new LimnerError(
      "model-damaged",
      `The model "${name}" is gone from ${drawable.folder}. Get it again, or forget it: limner models remove ${name}`,
    );
  return drawable.folder;
}

/**
 * The folder of a model that is named or given as a path.
 * @param nameOrFolder a built-in model's name, one of the store's, or a folder (relative to the working directory)
 * @throws LimnerError `model-not-found`
 */
export function findModel(nameOrFolder: string = boxModel, store: ModelStore = new ModelStore()): string {
  if (isName(nameOrFolder)) {
    const builtIn = builtInFolder(nameOrFolder);
    if (existsSync(join(builtIn, "model_index.json"))) return builtIn;
    const stored = store.find(nameOrFolder);
    if (stored) return folderOf(stored);
  }
  const folder = resolve(nameOrFolder);
  if (existsSync(folder)) return folder;
  const known = catalogue().find(({ name }) => name === nameOrFolder);
  const names = [...builtInModels(), ...store.read().models.map(({ name }) => name)];
  throw new LimnerError(
    "model-not-found",
    known
      ? `The model "${nameOrFolder}" is not fetched yet: limner models get ${nameOrFolder}`
      : `There is no model "${nameOrFolder}": it is neither a folder nor one of ${names.join(", ")}.`,
  );
}

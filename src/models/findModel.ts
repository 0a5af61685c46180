import { existsSync, readdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { packageRoot } from "../platform/packageRoot.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** The model that is there without any download. */
export const boxModel = "limner-tiny";

/** Folders that come with Limner, by name. */
function builtInFolder(): string {
  return join(packageRoot(), "models");
}

/** The names of the models that come with Limner and draw on their own. */
export function builtInModels(): string[] {
  const folder = builtInFolder();
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "model_index.json")));
}

/**
 * The folder of a model that is named or given as a path.
 * @param nameOrFolder a built-in model's name, or a folder (relative to the working directory)
 * @throws LimnerError `model-not-found`
 */
export function findModel(nameOrFolder: string = boxModel): string {
  const isName = !isAbsolute(nameOrFolder) && !/[\\/]/.test(nameOrFolder);
  const builtIn = join(builtInFolder(), nameOrFolder);
  if (isName && existsSync(join(builtIn, "model_index.json"))) return builtIn;
  const folder = resolve(nameOrFolder);
  if (existsSync(folder)) return folder;
  throw new LimnerError(
    "model-not-found",
    `There is no model "${nameOrFolder}": it is neither a folder nor one of ${builtInModels().join(", ")}.`,
  );
}

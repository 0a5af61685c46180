import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../platform/packageRoot.ts";

/** The model that is there without any download. */
export const boxModel = "limner-tiny";

/** The folder of a model that comes with Limner. */
export function builtInFolder(name: string): string {
  return join(packageRoot(), "models", name);
}

/** The names of the models that come with Limner: one that draws, and what refines its pictures. */
export function builtInModels(): string[] {
  return readdirSync(builtInFolder(""))
    .filter((name) => existsSync(join(builtInFolder(name), "model_index.json")))
    .sort();
}

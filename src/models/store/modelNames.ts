import { basename } from "node:path";
import { LimnerError } from "../../protocol/limnerError.ts";
import { builtInModels } from "../builtInModels.ts";
import type { ModelStore } from "./modelStore.ts";
import { modelNameSchema, type StoredModel } from "./storedModel.ts";

/** File names that say nothing: the repository's name is the better one. */
const plainNames = /^(pytorch_lora_weights|diffusion_pytorch_model|adapter_model|model|lora)$/i;

/** A name out of a file's, a folder's or a repository's. */
export function suggestedName(...candidates: readonly string[]): string {
  const [first = "model"] = candidates
    .map((candidate) => basename(candidate.replace(/[\\/]+$/, "")).replace(/\.safetensors$/i, ""))
    .filter((candidate) => candidate !== "" && !plainNames.test(candidate));
  const clean = first
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[^A-Za-z0-9]+|[.-]+$/g, "")
    .slice(0, 100);
  return modelNameSchema.safeParse(clean).success ? clean : "model";
}

/**
 * Checks that a model may have a name.
 * @param isSame whether a model of that name is this one, fetched or imported before
 * @throws LimnerError `usage`
 */
export function requireFreeName(
  store: ModelStore,
  name: string,
  isSame: (model: StoredModel) => boolean,
): void {
  if (!modelNameSchema.safeParse(name).success)
    throw new LimnerError(
      "usage",
      `"${name}" cannot be a model's name: letters, digits, dots, dashes and underscores, at most 100, and no name that Windows or Limner keeps for itself.`,
    );
  const taken = store.find(name);
  if (builtInModels().includes(name) || (taken && !isSame(taken)))
    throw new LimnerError(
      "usage",
      `There is another model called "${name}". Give this one a name of its own with --name NAME.`,
    );
}

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sha256Of } from "../../hub/contentHash.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import type { RequestedLora } from "../../protocol/promptLoras.ts";
import { catalogue } from "../catalogue.ts";
import type { Recommendation } from "../configSchemas.ts";
import { describeModel } from "../inspectModel.ts";
import type { ModelStore } from "../store/modelStore.ts";
import { sourcePath } from "../store/storedModel.ts";

/** A LoRA's file, found. */
export interface FoundLora {
  readonly name: string;
  readonly file: string;
  readonly scale: number;
  /** Changes when the contents do. */
  readonly digest: string;
  /** How it is to be run, where it is one for few steps. */
  readonly recommendation: Recommendation;
}

function notFound(name: string, store: ModelStore): LimnerError {
  const known = catalogue().find((entry) => entry.name === name && entry.kind === "lora");
  if (known)
    return new LimnerError(
      "model-not-found",
      `The LoRA "${name}" is not fetched yet: limner models get ${name}`,
    );
  const names = store
    .read()
    .models.filter(({ type }) => type === "lora")
    .map((one) => one.name);
  return new LimnerError(
    "model-not-found",
    `There is no LoRA "${name}": ${names.length > 0 ? `there are ${names.join(", ")}` : "there is none yet"}. Take a file in with limner models import FILE, or name the file.`,
  );
}

async function fromFile({ name, scale }: RequestedLora): Promise<FoundLora> {
  const file = resolve(name);
  const description = await describeModel(file);
  if (description.kind !== "lora")
    throw new LimnerError(
      "model-unsupported",
      `${file} is a checkpoint, not a LoRA. Convert it: limner models import ${file}`,
    );
  return {
    name,
    file,
    scale,
    digest: await sha256Of(file),
    recommendation: description.recommendation ?? {},
  };
}

/**
 * Finds a LoRA by its name in the store, or as a file.
 * @throws LimnerError `model-not-found`, `model-unsupported`
 */
export async function findLora(store: ModelStore, wanted: RequestedLora): Promise<FoundLora> {
  const stored = store.find(wanted.name);
  if (!stored) {
    const isFile = await stat(resolve(wanted.name)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile) return fromFile(wanted);
    throw notFound(wanted.name, store);
  }
  const { type, source, recommendation = {} } = stored;
  if (type !== "lora" || !source)
    throw new LimnerError(
      "invalid-request",
      `"${wanted.name}" is a model, not a LoRA: --model ${wanted.name}`,
    );
  const file = sourcePath(source, join);
  if (!existsSync(file))
    throw new LimnerError("model-damaged", `The LoRA "${wanted.name}" is gone from ${file}. Get it again.`);
  return { ...wanted, file, digest: source.files.map(({ digest }) => digest).join(" "), recommendation };
}

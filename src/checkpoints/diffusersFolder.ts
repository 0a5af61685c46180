import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type JsonObject, readJson } from "./boundedJson.ts";
import type { Checkpoint, OpenOptions, Submodel } from "./checkpoint.ts";
import { CheckpointError } from "./checkpointError.ts";
import { clipTensors } from "./clipKeys.ts";
import { hasPickleName, pickleRefusal } from "./pickle.ts";
import { openSafetensors, type TensorSet } from "./safetensorsFile.ts";
import { openSharded } from "./shardedFile.ts";
import type { TensorSource } from "./tensorSource.ts";
import { currentVaeTensors } from "./vaeKeys.ts";

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The components of `model_index.json` that are present: `[library, class]` pairs that are not `[null, null]`. */
function componentsOf(index: JsonObject): Set<string> {
  const present = new Set<string>();
  for (const [name, value] of Object.entries(index))
    if (Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string"))
      present.add(name);
  return present;
}

/** Opens the weights of one component: whole or sharded, fp16 or full precision, in the order of preference. */
async function openWeights(
  folder: string,
  stem: string,
  { fullPrecision = false, wholeSizes }: OpenOptions,
): Promise<TensorSet> {
  const variants = fullPrecision ? ["", ".fp16"] : [".fp16", ""];
  for (const variant of variants) {
    const whole = join(folder, `${stem}${variant}.safetensors`);
    if (await isThere(whole)) return openSafetensors(whole, wholeSizes?.get(whole));
    for (const index of [
      `${stem}.safetensors.index${variant}.json`,
      `${stem}${variant}.safetensors.index.json`,
    ])
      if (await isThere(join(folder, index))) return openSharded(join(folder, index), wholeSizes);
  }
  const names: string[] = await readdir(folder).catch(() => []);
  const pickle = names.find((name) => name.startsWith(stem) && hasPickleName(name));
  if (pickle) throw pickleRefusal(join(folder, pickle));
  if (names.includes("openvino_model.xml"))
    throw new CheckpointError(
      "unsupported",
      `${folder} is converted already: it holds openvino_model.xml and no checkpoint. Use it as it is.`,
    );
  throw new CheckpointError(
    "missing",
    `${folder} has no ${stem}.safetensors. Download the whole model, or check the path.`,
  );
}

/** Names of the pipelines' classes that hold SDXL's networks. */
const pipelineClass = /^(OV)?(StableDiffusionXL|LatentConsistencyModel)\w*Pipeline$|^KolorsPipeline$/;

function checkPipeline(index: JsonObject, folder: string): void {
  const name = index["_class_name"];
  if (typeof name !== "string" || !pipelineClass.test(name))
    throw new CheckpointError(
      "unsupported",
      `${folder} holds a ${typeof name === "string" ? name.slice(0, 80) : "pipeline without a class"}. Limner converts Stable Diffusion XL pipelines.`,
    );
}

class FolderReader {
  readonly sets: TensorSet[] = [];
  readonly #folder: string;
  readonly #options: OpenOptions;

  constructor(folder: string, options: OpenOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Reads one submodel; `rename` brings its tensors to the names in use today. */
  async submodel(
    name: string,
    stem: string,
    rename: (tensors: ReadonlyMap<string, TensorSource>) => ReadonlyMap<string, TensorSource>,
  ): Promise<Submodel> {
    const folder = join(this.#folder, name);
    const config = await readJson(join(folder, "config.json"));
    const set = await openWeights(folder, stem, this.#options);
    this.sets.push(set);
    return { config, tensors: rename(set.tensors) };
  }

  async close(): Promise<void> {
    await Promise.all(this.sets.map((set) => set.close()));
  }
}

/** `model_index.json` without its components. */
function settingsOf(index: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(index).filter(([, value]) => !Array.isArray(value)));
}

/**
 * Opens a folder in diffusers' layout.
 * @throws CheckpointError when a file is missing, damaged, a pickle, or of another kind of model
 */
export async function openDiffusersFolder(folder: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const index = await readJson(join(folder, "model_index.json"));
  checkPipeline(index, folder);
  const components = componentsOf(index);
  const reader = new FolderReader(folder, options);
  const tokenizer = (name: string) => (components.has(name) ? join(folder, name) : undefined);
  try {
    const unet = await reader.submodel("unet", "diffusion_pytorch_model", (tensors) => tensors);
    const vae = await reader.submodel("vae", "diffusion_pytorch_model", currentVaeTensors);
    const textEncoder = components.has("text_encoder")
      ? await reader.submodel("text_encoder", "model", clipTensors)
      : undefined;
    const textEncoder2 = components.has("text_encoder_2")
      ? await reader.submodel("text_encoder_2", "model", clipTensors)
      : undefined;
    return {
      path: folder,
      layout: "diffusers",
      pipeline: settingsOf(index),
      scheduler: await readJson(join(folder, "scheduler", "scheduler_config.json")),
      unet,
      vae,
      textEncoder,
      textEncoder2,
      tokenizers: { first: tokenizer("tokenizer"), second: tokenizer("tokenizer_2") },
      close: () => reader.close(),
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

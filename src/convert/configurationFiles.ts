import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "../checkpoints/boundedJson.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { PredictionTypeName, SubmodelName } from "./conversion.ts";
import { networkOf } from "./submodelJob.ts";

/** What `model_index.json` says about a component: its library and class, or nothing where it is missing. */
type Component = readonly [library: string | null, name: string | null];

const absent: Component = [null, null];

/** `model_index.json` as Optimum Intel writes it: diffusers' classes, and the submodels that are there. */
export function modelIndex(checkpoint: Checkpoint): JsonObject {
  const { pipeline, scheduler, textEncoder, textEncoder2 } = checkpoint;
  const text = (there: unknown, name: string): Component => (there ? ["transformers", name] : absent);
  const schedulerClass = scheduler["_class_name"];
  return {
    _diffusers_version: "0.39.0",
    ...pipeline,
    feature_extractor: absent,
    image_encoder: absent,
    scheduler: ["diffusers", typeof schedulerClass === "string" ? schedulerClass : "EulerDiscreteScheduler"],
    text_encoder: text(textEncoder, "CLIPTextModel"),
    text_encoder_2: text(textEncoder2, "CLIPTextModelWithProjection"),
    tokenizer: text(textEncoder, "CLIPTokenizer"),
    tokenizer_2: text(textEncoder2, "CLIPTokenizer"),
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  };
}

/** A submodel's `config.json`, without the paths that libraries leave in it. */
function submodelConfig(checkpoint: Checkpoint, submodel: SubmodelName): JsonObject {
  const { _name_or_path: _, ...config } = networkOf(checkpoint, submodel)?.config ?? {};
  // Optimum reads from here that the encoder returns the hidden states that the pipeline takes.
  return submodel.startsWith("text_encoder") ? { ...config, output_hidden_states: true } : config;
}

async function writeJson(folder: string, name: string, value: JsonObject): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes all that a pipeline's folder says about its submodels; `predictionType` overrides the checkpoint's. */
export async function writeConfigurations(
  checkpoint: Checkpoint,
  submodels: readonly SubmodelName[],
  folder: string,
  predictionType: PredictionTypeName | undefined,
): Promise<void> {
  const { scheduler } = checkpoint;
  const changed = predictionType ? { ...scheduler, prediction_type: predictionType } : scheduler;
  await writeJson(folder, "model_index.json", modelIndex(checkpoint));
  await writeJson(join(folder, "scheduler"), "scheduler_config.json", changed);
  for (const submodel of submodels)
    await writeJson(join(folder, submodel), "config.json", submodelConfig(checkpoint, submodel));
}

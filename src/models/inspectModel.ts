import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Submodel } from "../checkpoints/checkpoint.ts";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { openLora } from "../checkpoints/loraFile.ts";
import { openCheckpoint } from "../checkpoints/openCheckpoint.ts";
import { openSafetensors } from "../checkpoints/safetensorsFile.ts";
import { elementCount } from "../checkpoints/tensorSource.ts";
import { aspectBuckets } from "../images/aspectBuckets.ts";
import { samplerLabel } from "../images/samplerLabels.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { schedulerNames } from "../schedulers/catalogue.ts";
import type { Recommendation } from "./configSchemas.ts";
import { fewStepRecommendation } from "./fewSteps.ts";
import { localModel } from "./localModel.ts";
import { needOf } from "./memoryRefusal.ts";
import { readModelFolder } from "./modelFolder.ts";
import { irSubmodels } from "./repositoryFiles.ts";
import { float32Kernels, type SubmodelMemory, submodelMemory } from "./submodelMemory.ts";
import { type SubmodelSummary, submodelSummary } from "./submodelSummary.ts";

/** What is to know about a model on this machine. */
export interface ModelDescription {
  readonly path: string;
  readonly kind: "openvino" | "diffusers" | "single-file" | "lora";
  /** `base`, `refiner`, `inpainting` or `latent consistency`. Absent for LoRAs. */
  readonly architecture?: string;
  readonly predictionType?: string;
  /** Size it draws at unless told otherwise. */
  readonly size?: Size;
  /** SDXL's aspect-ratio buckets at its size, from the tallest to the widest. */
  readonly sizes?: readonly Size[];
  /** Width and height are multiples of this. */
  readonly sizeMultiple?: number;
  /** What can draw with it, by name and as other tools call it. */
  readonly samplers?: readonly { readonly name: string; readonly label: string }[];
  readonly parameters: number;
  readonly bytes: number;
  /**
   * Bytes of memory that drawing at its own size takes at the moment that takes most, by estimate: on a CPU that computes
   * in float32; where it computes in 16 bits, less.
   */
  readonly memoryBytes?: number;
  readonly submodels?: readonly SubmodelSummary[];
  /** For a LoRA: its rank and how many modules it changes. */
  readonly rank?: number;
  readonly modules?: number;
  readonly license?: string;
  readonly recommendation?: Recommendation;
}

function architectureOf(inputChannels: unknown, timeIds: number, guidanceEmbedding: unknown): string {
  if (timeIds === 5) return "refiner";
  if (guidanceEmbedding) return "latent consistency";
  return inputChannels === 9 ? "inpainting" : "base";
}

async function describeIr(path: string): Promise<ModelDescription> {
  const folder = readModelFolder(path);
  const { config, recommendation } = folder;
  const submodels: SubmodelSummary[] = [];
  const memories: SubmodelMemory[] = [];
  for (const name of irSubmodels) {
    const xml = join(path, name, "openvino_model.xml");
    if (!existsSync(xml)) continue;
    submodels.push(await submodelSummary(name, xml));
    memories.push(await submodelMemory(folder, name, float32Kernels));
  }
  const sum = (key: "parameters" | "bytes") => submodels.reduce((total, one) => total + one[key], 0);
  const { prediction_type: prediction } = config.schedulerConfig;
  return {
    path,
    kind: "openvino",
    architecture: architectureOf(config.unetInputChannels, config.timeIdCount, config.guidanceEmbeddingWidth),
    predictionType:
      recommendation.predictionType ?? (typeof prediction === "string" ? prediction : "epsilon"),
    size: config.defaultSize,
    sizes: aspectBuckets(config),
    sizeMultiple: config.sizeMultiple,
    samplers: schedulerNames.map((name) => ({ name, label: samplerLabel(name) })),
    parameters: sum("parameters"),
    bytes: sum("bytes"),
    memoryBytes: needOf(memories, config.defaultSize),
    submodels,
    recommendation,
  };
}

const storedTypes: Readonly<Record<string, string>> = { F32: "fp32", F16: "fp16", BF16: "bf16", F64: "fp64" };

function summaryOf(name: string, { tensors }: Submodel): SubmodelSummary {
  const all = [...tensors.values()];
  const largest = all.reduce((best, one) => (best && best.byteLength > one.byteLength ? best : one), all[0]);
  return {
    name,
    parameters: all.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    bytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
    precision: storedTypes[largest?.dataType ?? ""] ?? "none",
  };
}

async function describeCheckpoint(
  path: string,
  kind: "diffusers" | "single-file",
): Promise<ModelDescription> {
  const checkpoint = await openCheckpoint(path);
  try {
    const { unet, vae, textEncoder, textEncoder2, scheduler } = checkpoint;
    const parts = { unet, vae, text_encoder: textEncoder, text_encoder_2: textEncoder2 };
    const submodels = Object.entries(parts).flatMap(([name, part]) => (part ? [summaryOf(name, part)] : []));
    const { in_channels: channels, time_cond_proj_dim: guidance } = unet.config;
    const prediction = scheduler["prediction_type"];
    return {
      path,
      kind,
      architecture: architectureOf(channels, textEncoder ? 6 : 5, guidance),
      predictionType: typeof prediction === "string" ? prediction : "epsilon",
      parameters: submodels.reduce((sum, one) => sum + one.parameters, 0),
      bytes: submodels.reduce((sum, one) => sum + one.bytes, 0),
      submodels,
      recommendation: fewStepRecommendation({ names: [path] }),
    };
  } finally {
    await checkpoint.close();
  }
}

async function describeLora(path: string): Promise<ModelDescription> {
  const set = await openSafetensors(path);
  await set.close();
  const lora = await openLora(path);
  await lora.close();
  const { layers } = lora;
  const shapes = [...set.tensors.values()];
  return {
    path,
    kind: "lora",
    parameters: shapes.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    bytes: statSync(path).size,
    rank: layers.find(({ parts }) => parts.down)?.parts.down?.shape[0],
    modules: layers.length,
    license: set.metadata.get("modelspec.license"),
    recommendation: fewStepRecommendation({ names: [path], metadata: set.metadata, isLora: true }),
  };
}

/**
 * Reads what a folder or file on this machine is.
 * @throws LimnerError `model-not-found`, `model-unsupported`, `model-damaged`
 */
export async function describeModel(path: string): Promise<ModelDescription> {
  const absolute = resolve(path);
  const { kind } = await localModel(absolute);
  try {
    switch (kind) {
      case "openvino":
        return await describeIr(absolute);
      case "lora":
        return await describeLora(absolute);
      case "diffusers":
      case "single-file":
        return await describeCheckpoint(absolute, kind);
    }
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new LimnerError("model-unsupported", error.message, { cause: error });
  }
}

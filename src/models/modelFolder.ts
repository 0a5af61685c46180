import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import {
  type ClipTokenizer,
  createClipTokenizer,
  type TokenizerFiles,
} from "../conditioning/clipTokenizer.ts";
import { sdxlLatentRgb } from "../images/latentPreview.ts";
import type { LatentStatistics, PipelineConfig, SubmodelName } from "../pipelines/pipelineConfig.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import {
  modelIndexSchema,
  type Recommendation,
  recommendationSchema,
  textEncoderConfigSchema,
  unetConfigSchema,
  vaeConfigSchema,
} from "./configSchemas.ts";
import { type NetworkSizes, networkSizes } from "./networkSizes.ts";
import { parsePythonJson } from "./pythonJson.ts";
import { recommendedFor } from "./recommendedFor.ts";

/** Configuration files are a few kilobytes; a vocabulary is under a megabyte. */
const largestJson = 64 * 1024 * 1024;

/** One text encoder of a folder. */
export interface TextEncoderPart {
  submodel: "text_encoder" | "text_encoder_2";
  tokenizer: ClipTokenizer;
  hiddenSize: number;
}

/** A model's folder, read and checked; no submodel is loaded yet. */
export interface ModelFolder {
  folder: string;
  name: string;
  config: PipelineConfig;
  textEncoders: TextEncoderPart[];
  recommendation: Recommendation;
  /** Width of the UNet's `encoder_hidden_states`. */
  crossAttentionWidth: number;
  channels: NetworkSizes["channels"];
  /** The `.xml` of a submodel. */
  xml(submodel: SubmodelName): string;
}

function readText(file: string, remedy: string): string {
  let size: number;
  try {
    size = statSync(file).size;
  } catch {
    throw new LimnerError("model-damaged", `${file} is missing. ${remedy}`);
  }
  if (size > largestJson) {
    throw new LimnerError("model-damaged", `${file} has ${size} bytes, too many for such a file. ${remedy}`);
  }
  return readFileSync(file, "utf8");
}

const again = "Download or convert the model again.";

function readJson(file: string): unknown {
  const text = readText(file, again);
  try {
    return parsePythonJson(text);
  } catch {
    throw new LimnerError("model-damaged", `${file} is not JSON. ${again}`);
  }
}

function readConfig<T>(file: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue?.path.join(".") ?? "";
    throw new LimnerError(
      "model-damaged",
      `${file} is wrong${key ? ` at "${key}"` : ""}: ${issue?.message ?? "unknown"}. ${again}`,
    );
  }
  return parsed.data;
}

function optional(file: string, read: (file: string) => unknown): unknown {
  return existsSync(file) ? read(file) : undefined;
}

function readTokenizer(folder: string, length: number): ClipTokenizer {
  const merges = join(folder, "merges.txt");
  const files: TokenizerFiles = {
    folder,
    config: optional(join(folder, "tokenizer_config.json"), readJson) ?? {},
    vocabulary: optional(join(folder, "vocab.json"), readJson),
    ...(existsSync(merges) ? { merges: readText(merges, again) } : {}),
    tokenizerJson: optional(join(folder, "tokenizer.json"), readJson),
  };
  return createClipTokenizer(files, length);
}

function isPresent(part: readonly (string | null)[] | undefined): boolean {
  return part?.[1] != null;
}

function requireIr(folder: string, submodel: SubmodelName): void {
  for (const extension of ["xml", "bin"]) {
    const file = join(folder, submodel, `openvino_model.${extension}`);
    if (!existsSync(file)) throw new LimnerError("model-damaged", `${file} is missing. ${again}`);
  }
}

/** The statistics of the VAE's latents; as in diffusers, one without the other counts for nothing. */
function latentStatistics(
  file: string,
  { latents_mean: mean, latents_std: std, latent_channels: channels }: z.infer<typeof vaeConfigSchema>,
): LatentStatistics | undefined {
  if (!mean || !std) return undefined;
  for (const [key, { length }] of Object.entries({ latents_mean: mean, latents_std: std })) {
    if (length !== channels) {
      throw new LimnerError(
        "model-damaged",
        `${file} has ${length} numbers in "${key}" for ${channels} latent channels. ${again}`,
      );
    }
  }
  return { mean, std };
}

/**
 * Reads a model's folder in the layout of Optimum Intel and checks that its parts fit each other.
 * @param folder absolute path
 * @throws LimnerError `model-not-found` when there is no such folder or it holds no OpenVINO model, `model-damaged`
 *   when a file is missing or malformed, `model-unsupported` when it is not SDXL
 */
export function readModelFolder(folder: string): ModelFolder {
  if (!existsSync(join(folder, "model_index.json"))) {
    const why = existsSync(folder) ? "has no model_index.json, so it holds no model" : "does not exist";
    throw new LimnerError(
      "model-not-found",
      `The model folder ${folder} ${why}. Name a folder of an OpenVINO SDXL model.`,
    );
  }
  const index = readConfig(join(folder, "model_index.json"), modelIndexSchema);
  if (!/StableDiffusionXL/.test(index._class_name)) {
    throw new LimnerError(
      "model-unsupported",
      `The model in ${folder} is a ${index._class_name}; Limner draws with Stable Diffusion XL models.`,
    );
  }
  const unetFile = join(folder, "unet", "config.json");
  const unet = readConfig(unetFile, unetConfigSchema);
  const vaeFile = join(folder, "vae_decoder", "config.json");
  const vae = readConfig(vaeFile, vaeConfigSchema);
  const schedulerConfig = readConfig(
    join(folder, "scheduler", "scheduler_config.json"),
    z.record(z.string(), z.unknown()),
  );
  for (const part of ["unet", "vae_decoder"] as const) requireIr(folder, part);

  const textEncoders: TextEncoderPart[] = [];
  let pooledWidth = 0;
  for (const submodel of ["text_encoder", "text_encoder_2"] as const) {
    if (!isPresent(index[submodel])) continue;
    requireIr(folder, submodel);
    const encoder = readConfig(join(folder, submodel, "config.json"), textEncoderConfigSchema);
    const tokenizerFolder = join(folder, submodel === "text_encoder" ? "tokenizer" : "tokenizer_2");
    textEncoders.push({
      submodel,
      tokenizer: readTokenizer(tokenizerFolder, encoder.max_position_embeddings),
      hiddenSize: encoder.hidden_size,
    });
    pooledWidth = encoder.projection_dim;
  }
  if (textEncoders.length === 0) {
    throw new LimnerError(
      "model-damaged",
      `${join(folder, "model_index.json")} names no text encoder. ${again}`,
    );
  }

  const crossAttentionWidth = Array.isArray(unet.cross_attention_dim)
    ? (unet.cross_attention_dim[0] ?? 0)
    : unet.cross_attention_dim;
  const textWidth = textEncoders.reduce((sum, encoder) => sum + encoder.hiddenSize, 0);
  if (textWidth !== crossAttentionWidth) {
    throw new LimnerError(
      "model-damaged",
      `${unetFile} expects text of width ${crossAttentionWidth}, but the text encoders give ${textWidth}. ${again}`,
    );
  }
  if (unet.out_channels !== vae.latent_channels) {
    throw new LimnerError(
      "model-damaged",
      `${unetFile} gives ${unet.out_channels} channels, but the VAE takes ${vae.latent_channels}. ${again}`,
    );
  }
  const timeIdCount =
    (unet.projection_class_embeddings_input_dim - pooledWidth) / unet.addition_time_embed_dim;
  if (timeIdCount !== 5 && timeIdCount !== 6) {
    throw new LimnerError(
      "model-unsupported",
      `${unetFile} takes ${timeIdCount} time ids beside text of width ${pooledWidth}; SDXL takes 6, its refiner 5.`,
    );
  }

  const recommendation = existsSync(join(folder, "limner.json"))
    ? readConfig(join(folder, "limner.json"), recommendationSchema)
    : recommendedFor(folder, unet.time_cond_proj_dim ?? undefined);
  const { channels, vaeScaleFactor, defaultSize } = networkSizes(unet, vae, recommendation);
  return {
    folder,
    name: recommendation.name ?? basename(folder),
    textEncoders,
    recommendation,
    crossAttentionWidth,
    channels,
    xml: (submodel) => join(folder, submodel, "openvino_model.xml"),
    config: {
      latentChannels: vae.latent_channels,
      unetInputChannels: unet.in_channels,
      vaeScaleFactor,
      sizeMultiple: vaeScaleFactor * 2 ** (unet.block_out_channels.length - 1),
      defaultSize,
      fixedSize: recommendation.fixedSize,
      scalingFactor: vae.scaling_factor,
      latentStatistics: latentStatistics(vaeFile, vae),
      latentRgb: recommendation.latentRgb ?? sdxlLatentRgb,
      hasPreviewDecoder: existsSync(join(folder, "taesd_decoder", "openvino_model.xml")),
      forceZerosForEmptyPrompt: index.force_zeros_for_empty_prompt,
      timeIdCount,
      guidanceEmbeddingWidth: unet.time_cond_proj_dim ?? undefined,
      schedulerConfig: recommendation.predictionType
        ? { ...schedulerConfig, prediction_type: recommendation.predictionType }
        : schedulerConfig,
    },
  };
}

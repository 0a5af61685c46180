import { basename, join } from "node:path";
import { type JsonObject, readJson } from "./boundedJson.ts";
import type { Checkpoint, OpenOptions, PredictionType, Submodel } from "./checkpoint.ts";
import { CheckpointError } from "./checkpointError.ts";
import { clipFromOpenClip, clipTensors } from "./clipKeys.ts";
import { readFloats } from "./floatValues.ts";
import { nameOfOtherModel } from "./otherModels.ts";
import { openSafetensors, type TensorSet } from "./safetensorsFile.ts";
import type { TensorSource } from "./tensorSource.ts";
import { textConfiguration, vaeConfiguration } from "./textAndImageConfiguration.ts";
import { unetConfiguration } from "./unetConfiguration.ts";
import { ldmUnetLevels, renamedByPrefix, unetPrefixes } from "./unetKeys.ts";
import { vaeFromLdm } from "./vaeKeys.ts";

type Tensors = ReadonlyMap<string, TensorSource>;

const prefixes = {
  unet: "model.diffusion_model.",
  vae: "first_stage_model.",
  clip: "conditioner.embedders.0.transformer.",
  openClip: "conditioner.embedders.1.model.",
  refinerOpenClip: "conditioner.embedders.0.model.",
};

function below(tensors: Tensors, prefix: string): Map<string, TensorSource> {
  const found = new Map<string, TensorSource>();
  for (const [name, source] of tensors)
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), source);
  return found;
}

/** The tensors of an LDM UNet under diffusers' names. */
function unetFromLdm(tensors: Tensors, file: string): Map<string, TensorSource> {
  const levels = ldmUnetLevels(tensors.keys());
  if (!levels)
    throw new CheckpointError(
      "unsupported",
      `${file}: the UNet's levels have different numbers of blocks, which no SDXL model has. Give a diffusers folder instead.`,
    );
  const table = new Map(unetPrefixes(levels));
  const renamed = new Map<string, TensorSource>();
  for (const [name, source] of tensors) {
    const diffusers = renamedByPrefix(name, table);
    if (diffusers === undefined && /^(input_blocks|middle_block|output_blocks)\./.test(name))
      throw new CheckpointError(
        "unsupported",
        `${file}: the UNet's tensor ${JSON.stringify(name).slice(0, 100)} has no place in SDXL's networks.`,
      );
    // Trainers leave things of their own beside the blocks.
    if (diffusers === undefined) continue;
    renamed.set(diffusers, source);
  }
  return renamed;
}

const schedulerDefaults: JsonObject = {
  _class_name: "EulerDiscreteScheduler",
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  clip_sample: false,
  interpolation_type: "linear",
  num_train_timesteps: 1000,
  prediction_type: "epsilon",
  sample_max_value: 1,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  timestep_spacing: "leading",
  trained_betas: null,
  use_karras_sigmas: false,
};

/** What a file says about its prediction type: marker tensors, or the metadata of the model specification. */
function markedPrediction({ tensors, metadata }: TensorSet): PredictionType | undefined {
  if (tensors.has("v_pred")) return "v_prediction";
  const stated = metadata.get("modelspec.prediction_type") ?? metadata.get("modelspec.predict_key");
  if (stated === "v" || stated === "v_prediction") return "v_prediction";
  return stated === "epsilon" ? "epsilon" : undefined;
}

/** The scheduler's configuration: SDXL's own, changed by what the file says about how it was trained. */
function schedulerOf(set: TensorSet): JsonObject {
  if (set.tensors.has("edm_vpred.sigma_max"))
    return {
      _class_name: "EDMEulerScheduler",
      num_train_timesteps: 1000,
      prediction_type: "v_prediction",
      rho: 7,
      sigma_data: 1,
      sigma_max: 120,
      sigma_min: 0.002,
    };
  if (set.tensors.has("edm_mean"))
    return {
      _class_name: "EDMDPMSolverMultistepScheduler",
      algorithm_type: "dpmsolver++",
      final_sigmas_type: "zero",
      num_train_timesteps: 1000,
      prediction_type: "epsilon",
      rho: 7,
      sigma_data: 0.5,
      sigma_max: 80,
      sigma_min: 0.002,
      solver_order: 2,
      solver_type: "midpoint",
    };
  const prediction = markedPrediction(set) ?? "epsilon";
  const zeroTerminal = set.tensors.has("ztsnr") ? { rescale_betas_zero_snr: true } : {};
  return { ...schedulerDefaults, prediction_type: prediction, ...zeroTerminal };
}

/** Gives a submodel's configuration: read from the folder that the caller named, or found from the shapes. */
type Configure = (submodel: string, found: () => JsonObject) => Promise<JsonObject>;

/** The autoencoder's configuration, with the statistics of latents that Playground v2.5 carries. */
async function vaeOf({ tensors }: TensorSet, configure: Configure): Promise<Submodel> {
  const renamed = vaeFromLdm(below(tensors, prefixes.vae));
  const config = await configure("vae", () => vaeConfiguration(renamed));
  const mean = tensors.get("edm_mean");
  const deviation = tensors.get("edm_std");
  if (!mean || !deviation || mean.byteLength > 1024 || deviation.byteLength > 1024)
    return { config, tensors: renamed };
  const statistics = {
    latents_mean: [...(await readFloats(mean))],
    latents_std: [...(await readFloats(deviation))],
    scaling_factor: 0.5,
  };
  return { config: { ...config, ...statistics }, tensors: renamed };
}

/** The class of the pipeline and its settings, as the published models have them. */
function pipelineOf(isRefiner: boolean, inputChannels: unknown): JsonObject {
  if (isRefiner)
    return {
      _class_name: "StableDiffusionXLImg2ImgPipeline",
      force_zeros_for_empty_prompt: false,
      requires_aesthetics_score: true,
    };
  const name = inputChannels === 9 ? "StableDiffusionXLInpaintPipeline" : "StableDiffusionXLPipeline";
  return { _class_name: name, force_zeros_for_empty_prompt: true };
}

/**
 * Refuses a file whose tensors are not those of a whole SDXL checkpoint.
 * @param tensorNames all of them
 * @throws CheckpointError that says what the file holds instead
 */
export function refuseUnlessWhole(tensorNames: readonly string[], file: string): void {
  const has = (prefix: string) => tensorNames.some((name) => name.startsWith(prefix));
  const hasEncoders = (has(prefixes.clip) && has(prefixes.openClip)) || has(prefixes.refinerOpenClip);
  if (has(prefixes.unet) && has(prefixes.vae) && hasEncoders) return;
  const what = has("conditioner.embedders.")
    ? "an SDXL checkpoint without all of its text encoders, UNet and autoencoder"
    : nameOfOtherModel(tensorNames);
  throw new CheckpointError(
    "unsupported",
    `${file} ${what ? `holds ${what}` : "is not a checkpoint Limner knows"}. Give a Stable Diffusion XL checkpoint with text encoders, UNet and autoencoder.`,
  );
}

async function textEncodersOf(
  tensors: Tensors,
  configure: Configure,
): Promise<Pick<Checkpoint, "textEncoder" | "textEncoder2">> {
  const openClip = async (prefix: string): Promise<Submodel> => {
    const renamed = clipFromOpenClip(below(tensors, prefix));
    return {
      config: await configure("text_encoder_2", () => textConfiguration(renamed, "gelu")),
      tensors: renamed,
    };
  };
  const clip = clipTensors(below(tensors, prefixes.clip));
  if (clip.size === 0) return { textEncoder2: await openClip(prefixes.refinerOpenClip) };
  const config = await configure("text_encoder", () => textConfiguration(clip, "quick_gelu"));
  return { textEncoder: { config, tensors: clip }, textEncoder2: await openClip(prefixes.openClip) };
}

async function readSingleFile(path: string, set: TensorSet, configure: Configure): Promise<Checkpoint> {
  const file = basename(path);
  refuseUnlessWhole([...set.tensors.keys()], file);
  const unetTensors = unetFromLdm(below(set.tensors, prefixes.unet), file);
  const config = await configure("unet", () => unetConfiguration(unetTensors));
  const encoders = await textEncodersOf(set.tensors, configure);
  return {
    path,
    layout: "single-file",
    pipeline: pipelineOf(!encoders.textEncoder, config["in_channels"]),
    scheduler: schedulerOf(set),
    unet: { config, tensors: unetTensors },
    vae: await vaeOf(set, configure),
    ...encoders,
    tokenizers: {},
    close: set.close,
  };
}

/**
 * Opens a checkpoint that is one `.safetensors` file: base, refiner, inpainting model or a fine-tune of them.
 * @throws CheckpointError when it is damaged, a pickle, or not a whole SDXL checkpoint
 */
export async function openSingleFile(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const { configuration, wholeSizes } = options;
  const configure: Configure = async (submodel, found) =>
    configuration === undefined ? found() : readJson(join(configuration, submodel, "config.json"));
  const set = await openSafetensors(path, wholeSizes?.get(path));
  try {
    return await readSingleFile(path, set, configure);
  } catch (error) {
    await set.close();
    throw error;
  }
}

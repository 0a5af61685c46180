// Writes full-size synthetic SDXL checkpoints in fp16, with weights spread as a fresh initialization spreads them
// (standard deviation about 1/√fan_in): node bench/run.mjs bench/convert/synthesize.ts KIND FOLDER
// KIND: base (a diffusers folder), base-single, refiner, refiner-single, lora (rank 64, kohya's names).
import { mkdirSync } from "node:fs";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TensorSource } from "../../src/checkpoints/tensorSource.ts";
import { textConfiguration, vaeConfiguration } from "../../src/checkpoints/textAndImageConfiguration.ts";
import { unetConfiguration } from "../../src/checkpoints/unetConfiguration.ts";
import { baseUnet, refinerUnet, type Shapes, textShapes, unetShapes, vaeShapes } from "./networkShapes.ts";
import { originalOpenClip, originalUnet, originalVae } from "./originalNames.ts";
import { writeRandomTensors } from "./randomTensors.ts";

const root = process.cwd();
const bigG = textShapes(1280, 32, 1280);
const clipL = textShapes(768, 12);

/** Shapes as tensors without values, which is all that finding a configuration needs. */
function withoutValues(shapes: Shapes): Map<string, TensorSource> {
  return new Map(
    [...shapes].map(([name, shape]) => [
      name,
      { name, dataType: "F16", shape, byteLength: 0, read: () => Promise.reject(new Error("no values")) },
    ]),
  );
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function tokenizerFolder(folder: string, pad: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const file of ["vocab.json", "merges.txt"])
    await copyFile(join(root, "models", "clip-tokenizer", file), join(folder, file));
  const config = {
    bos_token: "<|startoftext|>",
    eos_token: "<|endoftext|>",
    unk_token: "<|endoftext|>",
    pad_token: pad,
    do_lower_case: true,
    model_max_length: 77,
    tokenizer_class: "CLIPTokenizer",
  };
  await writeFile(join(folder, "tokenizer_config.json"), json(config));
  const { bos_token, eos_token, unk_token, pad_token } = config;
  await writeFile(
    join(folder, "special_tokens_map.json"),
    json({ bos_token, eos_token, unk_token, pad_token }),
  );
}

async function diffusersFolder(folder: string, isRefiner: boolean): Promise<void> {
  const unet = unetShapes(isRefiner ? refinerUnet : baseUnet);
  const parts: [string, string, Shapes, unknown][] = [
    ["unet", "diffusion_pytorch_model", unet, unetConfiguration(withoutValues(unet))],
    ["vae", "diffusion_pytorch_model", vaeShapes(), vaeConfiguration(withoutValues(vaeShapes()))],
    ["text_encoder_2", "model", bigG, textConfiguration(withoutValues(bigG), "gelu")],
  ];
  if (!isRefiner)
    parts.push(["text_encoder", "model", clipL, textConfiguration(withoutValues(clipL), "quick_gelu")]);
  let seed = 1;
  for (const [name, stem, shapes, config] of parts) {
    mkdirSync(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "config.json"), json(config));
    await writeRandomTensors(join(folder, name, `${stem}.safetensors`), shapes, seed++);
  }
  const first = !isRefiner;
  const clip = (there: boolean, name: string) => (there ? ["transformers", name] : [null, null]);
  const index = {
    _class_name: isRefiner ? "StableDiffusionXLImg2ImgPipeline" : "StableDiffusionXLPipeline",
    _diffusers_version: "0.39.0",
    force_zeros_for_empty_prompt: !isRefiner,
    ...(isRefiner ? { requires_aesthetics_score: true } : {}),
    scheduler: ["diffusers", "EulerDiscreteScheduler"],
    text_encoder: clip(first, "CLIPTextModel"),
    text_encoder_2: clip(true, "CLIPTextModelWithProjection"),
    tokenizer: clip(first, "CLIPTokenizer"),
    tokenizer_2: clip(true, "CLIPTokenizer"),
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  };
  await writeFile(join(folder, "model_index.json"), json(index));
  if (first) await tokenizerFolder(join(folder, "tokenizer"), "<|endoftext|>");
  await tokenizerFolder(join(folder, "tokenizer_2"), "!");
  mkdirSync(join(folder, "scheduler"), { recursive: true });
  const scheduler = {
    _class_name: "EulerDiscreteScheduler",
    beta_end: 0.012,
    beta_schedule: "scaled_linear",
    beta_start: 0.00085,
    num_train_timesteps: 1000,
    prediction_type: "epsilon",
    steps_offset: 1,
    timestep_spacing: "leading",
  };
  await writeFile(join(folder, "scheduler", "scheduler_config.json"), json(scheduler));
}

function singleFileShapes(isRefiner: boolean): Shapes {
  const unet = unetShapes(isRefiner ? refinerUnet : baseUnet);
  const index = isRefiner ? 0 : 1;
  const clip = [...clipL].map(
    ([name, shape]) => [`conditioner.embedders.0.transformer.${name}`, shape] as const,
  );
  return new Map([
    ...originalUnet(unet, isRefiner ? 4 : 3),
    ...originalVae(vaeShapes()),
    ...(isRefiner ? [] : clip),
    ...originalOpenClip(`conditioner.embedders.${index}.model.`, 1280, 32),
  ]);
}

/** A LoRA of rank 64 for every linear layer of the UNet's attention blocks, as kohya's trainer writes it. */
function loraShapes(rank: number): Shapes {
  const result: Shapes = new Map();
  for (const [name, shape] of unetShapes(baseUnet)) {
    const [rows = 0, columns = 0] = shape;
    if (!name.includes(".attentions.") || shape.length !== 2) continue;
    const module = `lora_unet_${name.replace(/\.weight$/, "").replaceAll(".", "_")}`;
    result.set(`${module}.lora_down.weight`, [rank, columns]);
    result.set(`${module}.lora_up.weight`, [rows, rank]);
  }
  return result;
}

const [kind = "", folder = ""] = process.argv.slice(2);
if (!folder) throw new Error("Usage: synthesize.ts base|base-single|refiner|refiner-single|lora FOLDER");
mkdirSync(folder, { recursive: true });
switch (kind) {
  case "base":
  case "refiner":
    await diffusersFolder(join(folder, `sdxl-${kind}`), kind === "refiner");
    break;
  case "base-single":
  case "refiner-single":
    await writeRandomTensors(
      join(folder, `sdxl-${kind}.safetensors`),
      singleFileShapes(kind === "refiner-single"),
      9,
    );
    break;
  case "lora":
    await writeRandomTensors(join(folder, "sdxl-lora-64.safetensors"), loraShapes(64), 17);
    break;
  default:
    throw new Error(`There is no kind ${kind}.`);
}

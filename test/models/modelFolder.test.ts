import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sdxlLatentRgb } from "../../src/images/latentPreview.ts";
import { readModelFolder } from "../../src/models/modelFolder.ts";

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "limner-model-")), "tiny");
  cpSync("test/fixtures/tiny-sdxl", folder, { recursive: true });
});

afterEach(() => {
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

/** Changes keys of a configuration file. */
function change(file: string, keys: Record<string, unknown>): void {
  const path = join(folder, file);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...keys }));
}

function refusal(): string {
  try {
    readModelFolder(folder);
  } catch (error) {
    return (error as Error).message.replaceAll(folder, "FOLDER");
  }
  throw new Error("the folder was not refused");
}

describe("a model's folder", () => {
  it("gives what a pipeline needs, all from its files", () => {
    const model = readModelFolder(folder);
    expect(model.name).toBe("tiny");
    expect(model.crossAttentionWidth).toBe(80);
    expect(model.textEncoders.map((encoder) => encoder.submodel)).toEqual(["text_encoder", "text_encoder_2"]);
    const { schedulerConfig, ...config } = model.config;
    expect(schedulerConfig).toMatchObject({
      _class_name: "EulerDiscreteScheduler",
      timestep_spacing: "leading",
    });
    expect(config).toEqual({
      latentChannels: 4,
      unetInputChannels: 4,
      vaeScaleFactor: 8,
      sizeMultiple: 32,
      defaultSize: { width: 64, height: 64 },
      scalingFactor: 0.13025,
      forceZerosForEmptyPrompt: true,
      timeIdCount: 6,
      latentRgb: sdxlLatentRgb,
      hasPreviewDecoder: false,
    });
  });

  it("takes the makers' recommendation", () => {
    writeFileSync(join(folder, "limner.json"), JSON.stringify({ name: "Own", steps: 4, width: 96 }));
    const model = readModelFolder(folder);
    expect(model.name).toBe("Own");
    expect(model.recommendation.steps).toBe(4);
    expect(model.config.defaultSize).toEqual({ width: 96, height: 64 });
  });

  it.each([
    "unet/openvino_model.xml",
    "unet/openvino_model.bin",
    "vae_decoder/openvino_model.bin",
    "text_encoder_2/config.json",
    "scheduler/scheduler_config.json",
  ])("names the file that is missing: %s", (file) => {
    rmSync(join(folder, file));
    expect(refusal()).toBe(`FOLDER/${file} is missing. Download or convert the model again.`);
  });

  it("names the tokenizer that is missing", () => {
    rmSync(join(folder, "tokenizer_2"), { recursive: true });
    expect(refusal()).toContain(
      "FOLDER/tokenizer_2 cannot be used: it has neither vocab.json with merges.txt",
    );
  });

  it("tells a folder without a model from none at all", () => {
    rmSync(join(folder, "model_index.json"));
    expect(refusal()).toContain("FOLDER has no model_index.json");
    rmSync(folder, { recursive: true });
    expect(refusal()).toContain("FOLDER does not exist");
  });

  it("refuses other kinds of model by name", () => {
    change("model_index.json", { _class_name: "StableDiffusionPipeline" });
    expect(refusal()).toBe(
      "The model in FOLDER is a StableDiffusionPipeline; Limner draws with Stable Diffusion XL models.",
    );
  });

  it.each([
    [
      "unet/config.json",
      { cross_attention_dim: 96 },
      "expects text of width 96, but the text encoders give 80",
    ],
    ["unet/config.json", { out_channels: 8 }, "gives 8 channels, but the VAE takes 4"],
    ["unet/config.json", { addition_embed_type: null }, 'is wrong at "addition_embed_type"'],
    ["unet/config.json", { projection_class_embeddings_input_dim: 72 }, "takes 4 time ids"],
    ["unet/config.json", { block_out_channels: [] }, 'is wrong at "block_out_channels"'],
    ["unet/config.json", { in_channels: 1e12 }, 'is wrong at "in_channels"'],
    ["vae_decoder/config.json", { scaling_factor: 0 }, 'is wrong at "scaling_factor"'],
    [
      "vae_decoder/config.json",
      { latents_mean: [0, 0, 0], latents_std: [1, 1, 1, 1] },
      'has 3 numbers in "latents_mean" for 4 latent channels',
    ],
    [
      "vae_decoder/config.json",
      { latents_mean: [0, 0, 0, 0], latents_std: [1, 0, 1, 1] },
      'is wrong at "latents_std.1"',
    ],
    ["text_encoder/config.json", { hidden_size: "32" }, 'is wrong at "hidden_size"'],
  ])("refuses what does not fit: %s %j", (file, keys, sentence) => {
    change(file, keys);
    expect(refusal()).toContain(sentence);
  });

  it("takes the statistics of the VAE's latents, if both are there", () => {
    const latents_mean = [0.1, -0.4, 0.3, 0.2];
    const latents_std = [1.4, 0.8, 1.1, 0.9];
    change("vae_decoder/config.json", { latents_mean, latents_std });
    const statistics = () => readModelFolder(folder).config.latentStatistics;
    expect(statistics()).toEqual({ mean: latents_mean, std: latents_std });
    change("vae_decoder/config.json", { latents_mean, latents_std: null });
    expect(statistics()).toBeUndefined();
  });

  it("takes a refiner's five time ids", () => {
    change("unet/config.json", { projection_class_embeddings_input_dim: 80 });
    expect(readModelFolder(folder).config.timeIdCount).toBe(5);
  });

  it("refuses a file that is not JSON", () => {
    writeFileSync(join(folder, "unet", "config.json"), "{ not json");
    expect(refusal()).toBe("FOLDER/unet/config.json is not JSON. Download or convert the model again.");
  });
});

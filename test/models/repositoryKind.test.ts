import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Repository } from "../../src/hub/repositoryListing.ts";
import type { ReadBytes } from "../../src/models/remoteHeader.ts";
import { repositoryKind } from "../../src/models/repositoryKind.ts";
import { safetensorsBytes } from "../checkpoints/safetensorsWriter.ts";
import { servedFolder } from "../hub/servedFolder.ts";

const lora = readFileSync("test/fixtures/convert/sdxl-like/lora/kohya.safetensors");
const tensors = (...names: string[]) =>
  safetensorsBytes(Object.fromEntries(names.map((name) => [name, { dtype: "F16", shape: [4, 768] }])));

/** A repository of these files, and how much of each was read. */
function repositoryOf(files: Record<string, Uint8Array>): {
  repository: Repository;
  read: ReadBytes;
  counts: Map<string, number>;
} {
  const counts = new Map<string, number>();
  const listed = Object.entries(files).map(([path, { length }]) => ({
    path,
    size: length,
    etag: "0".repeat(40),
  }));
  return {
    repository: { repository: "a/b", revision: "main", commit: "0".repeat(40), gated: false, files: listed },
    counts,
    read: async ({ path }, first, count) => {
      counts.set(path, (counts.get(path) ?? 0) + count);
      return files[path]?.slice(first, first + count) ?? new Uint8Array();
    },
  };
}

function kindOf(files: Record<string, Uint8Array>, file?: string) {
  const { repository, read } = repositoryOf(files);
  return repositoryKind(repository, read, { file });
}

const diffusers = servedFolder("test/fixtures/convert/sdxl-like/source");
const ir = servedFolder("test/fixtures/tiny-sdxl");

describe("a repository is known without anything large being read", () => {
  it.each<[string, Record<string, Uint8Array>, string]>([
    ["diffusers", diffusers, "unet/diffusion_pytorch_model.safetensors"],
    ["openvino", ir, "unet/openvino_model.bin"],
    // Those who publish both mean the checkpoint: its IR may be fp32.
    ["diffusers", { ...ir, ...diffusers }, "vae/diffusion_pytorch_model.safetensors"],
    [
      "single-file",
      { "x.safetensors": readFileSync("test/fixtures/convert/sdxl-like/single-file.safetensors") },
      "x.safetensors",
    ],
    [
      "lora",
      { "README.md": Buffer.from("x"), "pytorch_lora_weights.safetensors": lora },
      "pytorch_lora_weights.safetensors",
    ],
  ])("%s", async (kind, files, wanted) => {
    const { repository, read, counts } = repositoryOf(files);
    const found = await repositoryKind(repository, read);
    expect(found.kind).toBe(kind);
    expect(found.files.map(({ path }) => path)).toContain(wanted);
    for (const [path, count] of counts) expect(count, path).toBeLessThanOrEqual(512 * 1024);
  });

  it("takes halves before full precision, and pieces where there is no whole", async () => {
    const { "unet/diffusion_pytorch_model.safetensors": unet = new Uint8Array(), ...rest } = diffusers;
    const withHalves = await kindOf({ ...diffusers, "unet/diffusion_pytorch_model.fp16.safetensors": unet });
    const paths = withHalves.files.map(({ path }) => path).filter((path) => path.startsWith("unet/"));
    expect(paths).toEqual(["unet/config.json", "unet/diffusion_pytorch_model.fp16.safetensors"]);
    const inPieces = await kindOf({
      ...rest,
      "unet/diffusion_pytorch_model.safetensors.index.json": Buffer.from("{}"),
      "unet/diffusion_pytorch_model-00001-of-00002.safetensors": unet,
      "unet/diffusion_pytorch_model-00002-of-00002.safetensors": unet,
    });
    expect(inPieces.files.filter(({ path }) => path.includes("-of-"))).toHaveLength(2);
  });
});

describe("what cannot be used is said in a sentence", () => {
  const index = (name: string) => ({
    "model_index.json": Buffer.from(JSON.stringify({ _class_name: name })),
  });
  it.each<[string, Record<string, Uint8Array>, string]>([
    [
      "another pipeline",
      index("FluxPipeline"),
      "a/b is a FluxPipeline; Limner draws with Stable Diffusion XL models.",
    ],
    ["no UNet", index("StableDiffusionXLPipeline"), "a/b is not complete: it has no unet/config.json."],
    ["nothing", { "README.md": Buffer.from("x") }, "a/b holds no model that Limner can use"],
    ["a pickle", { "model.ckpt": Buffer.from("x") }, "is a Python pickle"],
    [
      "Stable Diffusion 1",
      { "x.safetensors": tensors("cond_stage_model.transformer.x") },
      "a Stable Diffusion 1 model",
    ],
    [
      "a UNet alone",
      { "x.safetensors": tensors("down_blocks.0.conv.weight") },
      "a UNet without its text encoders",
    ],
    [
      "a UNet's repository, as of latent-consistency/lcm-sdxl",
      {
        "config.json": Buffer.from('{"_class_name": "UNet2DConditionModel", "time_cond_proj_dim": 256}'),
        "diffusion_pytorch_model.fp16.safetensors": tensors("down_blocks.0.resnets.0.conv1.weight"),
        "diffusion_pytorch_model.safetensors": tensors("down_blocks.0.resnets.0.conv1.weight"),
      },
      "a/b: diffusion_pytorch_model.fp16.safetensors holds a UNet without its text encoders and autoencoder. Give a Stable Diffusion XL checkpoint with text encoders, UNet and autoencoder.",
    ],
    [
      "an autoencoder's repository, as of madebyollin/sdxl-vae-fp16-fix",
      { "config.json": Buffer.from("{}"), "sdxl.vae.safetensors": tensors("decoder.conv_in.weight") },
      "a/b: sdxl.vae.safetensors holds an autoencoder alone.",
    ],
    [
      "a LoRA for Stable Diffusion 1",
      {
        "x.safetensors": tensors(
          "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight",
        ),
      },
      "x.safetensors is a LoRA for Stable Diffusion 1; Limner takes LoRAs for Stable Diffusion XL.",
    ],
    [
      "a LoRA for Flux",
      { "x.safetensors": tensors("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight") },
      "another kind of model",
    ],
    [
      "several LoRAs",
      { "a.safetensors": lora, "b.safetensors": lora },
      "Name one of them: a/b/a.safetensors, a/b/b.safetensors.",
    ],
    [
      "no safetensors file",
      { "x.safetensors": Buffer.from("<html>not found</html>") },
      "x.safetensors is no safetensors file",
    ],
  ])("%s", async (_, files, sentence) => {
    await expect(kindOf(files)).rejects.toThrow(sentence);
  });

  it("a named file that is not there", async () => {
    await expect(kindOf(diffusers, "lora.safetensors")).rejects.toThrow("a/b has no lora.safetensors.");
  });
});

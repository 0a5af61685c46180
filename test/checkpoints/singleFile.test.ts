import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import {
  baseUnet,
  refinerUnet,
  textShapes,
  unetShapes,
  vaeShapes,
} from "../../bench/convert/networkShapes.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import type { TensorSource } from "../../src/checkpoints/tensorSource.ts";
import { textConfiguration, vaeConfiguration } from "../../src/checkpoints/textAndImageConfiguration.ts";
import { unetConfiguration } from "../../src/checkpoints/unetConfiguration.ts";
import { safetensorsBytes, type TensorToWrite, temporaryFolder, writeFileIn } from "./safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function sources(shapes: ReadonlyMap<string, readonly number[]>): Map<string, TensorSource> {
  const none = () => Promise.reject(new Error("no values"));
  return new Map(
    [...shapes].map(([name, shape]) => [name, { name, dataType: "F16", shape, byteLength: 0, read: none }]),
  );
}

describe("the configuration that shapes tell", () => {
  it("is that of the published base", () => {
    expect(unetConfiguration(sources(unetShapes(baseUnet)))).toMatchObject({
      block_out_channels: [320, 640, 1280],
      attention_head_dim: [5, 10, 20],
      transformer_layers_per_block: [1, 2, 10],
      down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
      up_block_types: ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
      mid_block_type: "UNetMidBlock2DCrossAttn",
      cross_attention_dim: 2048,
      projection_class_embeddings_input_dim: 2816,
      layers_per_block: 2,
      use_linear_projection: true,
      in_channels: 4,
      out_channels: 4,
      time_cond_proj_dim: null,
    });
  });

  it("is that of the published refiner, whose middle block is as deep as the levels around it", () => {
    expect(unetConfiguration(sources(unetShapes(refinerUnet)))).toMatchObject({
      block_out_channels: [384, 768, 1536, 1536],
      attention_head_dim: [6, 12, 24, 24],
      transformer_layers_per_block: [1, 4, 4, 4],
      down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
      cross_attention_dim: 1280,
      projection_class_embeddings_input_dim: 2560,
    });
  });

  it("leaves out a text encoder's floats that would be written as whole numbers, which transformers refuses", () => {
    const encoder = {
      "text_model.embeddings.token_embedding.weight": [49408, 768],
      "text_model.embeddings.position_embedding.weight": [77, 768],
      "text_model.encoder.layers.0.mlp.fc1.weight": [3072, 768],
      "text_model.encoder.layers.0.layer_norm1.weight": [768],
    };
    const found = textConfiguration(sources(new Map(Object.entries(encoder))), "quick_gelu");
    expect(found).toMatchObject({ hidden_size: 768, num_hidden_layers: 1, layer_norm_eps: 1e-5 });
    for (const float of ["initializer_factor", "attention_dropout", "dropout"])
      expect(found).not.toHaveProperty(float);
  });

  it("tells an inpainting model by its nine input channels", () => {
    const shapes = unetShapes({ ...baseUnet, inputs: 9 });
    expect(unetConfiguration(sources(shapes))).toMatchObject({ in_channels: 9 });
  });

  it("lists depths level by level where the way up is not the way down reversed", () => {
    const shapes = unetShapes({ ...baseUnet, depths: [0, 2, 4], midDepth: 0 });
    for (const name of [...shapes.keys()])
      if (/^up_blocks\.0\.attentions\.\d\.transformer_blocks\.3\./.test(name)) shapes.delete(name);
    expect(unetConfiguration(sources(shapes))).toMatchObject({
      mid_block_type: "UNetMidBlock2D",
      transformer_layers_per_block: [1, [2, 2], [4, 4]],
      reverse_transformer_layers_per_block: [[3, 3, 3], [2, 2, 2], 1],
    });
  });

  it("is that of the published text encoders and autoencoder", () => {
    expect(textConfiguration(sources(textShapes(768, 12)), "quick_gelu")).toMatchObject({
      architectures: ["CLIPTextModel"],
      hidden_size: 768,
      intermediate_size: 3072,
      num_attention_heads: 12,
      num_hidden_layers: 12,
      vocab_size: 49408,
      max_position_embeddings: 77,
      hidden_act: "quick_gelu",
    });
    expect(textConfiguration(sources(textShapes(1280, 32, 1280)), "gelu")).toMatchObject({
      architectures: ["CLIPTextModelWithProjection"],
      num_attention_heads: 20,
      num_hidden_layers: 32,
      projection_dim: 1280,
    });
    expect(vaeConfiguration(sources(vaeShapes()))).toMatchObject({
      block_out_channels: [128, 256, 512, 512],
      latent_channels: 4,
      layers_per_block: 2,
      scaling_factor: 0.13025,
      force_upcast: true,
    });
  });

  it("is refused where a width is none of SDXL's", () => {
    const shapes = unetShapes({ ...baseUnet, channels: [320, 640, 1300] });
    expect(() => unetConfiguration(sources(shapes))).toThrow("A width of 1300 channels is not one of SDXL's");
  });
});

describe("a file that is no SDXL checkpoint is refused by what it is", () => {
  const one: TensorToWrite = { dtype: "F16", shape: [1] };
  it.each([
    ["model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", "a Stable Diffusion 3 model"],
    ["model.diffusion_model.double_blocks.0.img_attn.proj.weight", "a Flux model"],
    [
      "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
      "a Stable Diffusion 1 model",
    ],
    ["cond_stage_model.model.positional_embedding", "a Stable Diffusion 2 model"],
    ["control_model.time_embed.0.weight", "a ControlNet"],
    ["lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", "a LoRA, which is applied to a checkpoint"],
    ["unet.mid_block.attentions.0.proj_in.lora_A.weight", "a LoRA, which is applied to a checkpoint"],
    ["model.diffusion_model.input_blocks.0.0.weight", "a UNet without its text encoders and autoencoder"],
    ["decoder.conv_in.weight", "an autoencoder alone"],
    ["text_model.embeddings.token_embedding.weight", "a text encoder alone"],
    ["clip_g", "a textual-inversion embedding"],
    [
      "conditioner.embedders.0.transformer.text_model.final_layer_norm.bias",
      "an SDXL checkpoint without all",
    ],
  ])("%s", async (name, what) => {
    const path = writeFileIn(folder, "other.safetensors", safetensorsBytes({ [name]: one }));
    await expect(openCheckpoint(path)).rejects.toThrow(`other.safetensors holds ${what}`);
  });

  it("or said to be unknown", async () => {
    const path = writeFileIn(folder, "x.safetensors", safetensorsBytes({ weights: one }));
    await expect(openCheckpoint(path)).rejects.toThrow("x.safetensors is not a checkpoint Limner knows");
  });

  it("or a pickle", async () => {
    for (const name of ["model.ckpt", "model.pt", "model.bin"])
      await expect(openCheckpoint(writeFileIn(folder, name, "x"))).rejects.toThrow(
        `${name} is a Python pickle, which can run any code when it is read`,
      );
  });

  it("or of another format, or absent, or a folder of something else", async () => {
    await expect(openCheckpoint(writeFileIn(folder, "model.gguf", "x"))).rejects.toThrow(
      "is neither a .safetensors file nor a folder in diffusers' layout",
    );
    await expect(openCheckpoint(`${folder}/none`)).rejects.toThrow("none does not exist. Check the path.");
    await expect(openCheckpoint(folder)).rejects.toThrow("has no model_index.json");
  });
});

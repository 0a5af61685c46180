import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ArchitectureError } from "../../src/architectures/architectureError.ts";
import { readClipTextConfig } from "../../src/architectures/clipTextConfig.ts";
import { readUnetConfig } from "../../src/architectures/unetConfig.ts";
import { readVaeConfig } from "../../src/architectures/vaeConfig.ts";

function stored(pipeline: string, submodel: string): Record<string, unknown> {
  const file = join(process.cwd(), "test/fixtures/convert", pipeline, "source", submodel, "config.json");
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The message with which reading ends. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ArchitectureError);
    return String((error as Error).message);
  }
  throw new Error("it was read");
}

const again = "Download the model's config.json again.";
const another = "Use a model with Stable Diffusion XL's architecture.";

describe("a UNet's configuration", () => {
  const sdxl = {
    addition_embed_type: "text_time",
    addition_time_embed_dim: 256,
    attention_head_dim: [5, 10, 20],
    block_out_channels: [320, 640, 1280],
    cross_attention_dim: 2048,
    down_block_types: ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    projection_class_embeddings_input_dim: 2816,
    transformer_layers_per_block: [1, 2, 10],
    up_block_types: ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    use_linear_projection: true,
  };
  const read = (changes: Record<string, unknown> = {}) => readUnetConfig({ ...sdxl, ...changes });

  test("says what SDXL's base has, with diffusers' defaults for what it leaves out", () => {
    expect(read()).toEqual({
      inputChannels: 4,
      outputChannels: 4,
      down: [
        { channels: 320, layers: 2, heads: 5 },
        { channels: 640, layers: 2, heads: 10, depths: [2, 2] },
        { channels: 1280, layers: 2, heads: 20, depths: [10, 10] },
      ],
      middle: { kind: "attention", depth: 10 },
      up: [
        { channels: 1280, layers: 2, heads: 20, depths: [10, 10, 10] },
        { channels: 640, layers: 2, heads: 10, depths: [2, 2, 2] },
        { channels: 320, layers: 2, heads: 5 },
      ],
      contextWidth: 2048,
      groups: 32,
      epsilon: 1e-5,
      linearProjection: true,
      downsamplePadding: 1,
      kernels: { first: 3, last: 3 },
      timeWidth: 1280,
      conditionWidth: undefined,
      waves: { cosineFirst: true, shift: 0 },
      idWidth: 256,
      additionWidth: 2816,
    });
  });

  test("takes attention_head_dim for the number of heads, and num_attention_heads before it", () => {
    expect(read({ attention_head_dim: 4 }).down.map(({ heads }) => heads)).toEqual([4, 4, 4]);
    expect(read({ num_attention_heads: [2, 4, 8] }).down.map(({ heads }) => heads)).toEqual([2, 4, 8]);
  });

  test("takes a list of depths for a block with the depths of the way up beside it", () => {
    const { down, middle, up } = read({
      transformer_layers_per_block: [1, [1, 2], [3, 4]],
      reverse_transformer_layers_per_block: [[5, 6, 7], 2, 1],
    });
    expect(down.map(({ depths }) => depths)).toEqual([undefined, [1, 2], [3, 4]]);
    expect(middle).toEqual({ kind: "attention", depth: 3 });
    expect(up.map(({ depths }) => depths)).toEqual([[5, 6, 7], [2, 2, 2], undefined]);
  });

  test("has no middle only where it says null; by default it has one with attention", () => {
    expect(read({ mid_block_type: null }).middle).toEqual({ kind: "none" });
    expect(read({ mid_block_type: "UNetMidBlock2D" }).middle).toEqual({ kind: "plain" });
    expect(read().middle).toEqual({ kind: "attention", depth: 10 });
  });

  test.each([
    ["_class_name", "UNet3DConditionModel"],
    ["act_fn", "gelu"],
    ["addition_embed_type", null],
    ["addition_embed_type", "image"],
    ["attention_type", "gated"],
    ["center_input_sample", true],
    ["class_embed_type", "timestep"],
    ["class_embeddings_concat", true],
    ["cross_attention_dim", [2048, 2048, 1280]],
    ["cross_attention_norm", "layer_norm"],
    ["down_block_types", ["DownBlock2D", "AttnDownBlock2D", "CrossAttnDownBlock2D"]],
    ["dual_cross_attention", true],
    ["encoder_hid_dim", 4096],
    ["encoder_hid_dim_type", "text_proj"],
    ["conv_in_kernel", 4],
    ["mid_block_only_cross_attention", true],
    ["mid_block_scale_factor", 2],
    ["mid_block_type", "UNetMidBlock2DSimpleCrossAttn"],
    ["norm_num_groups", null],
    ["num_class_embeds", 10],
    ["only_cross_attention", [false, true, false]],
    ["resnet_out_scale_factor", 1.5],
    ["resnet_skip_time_act", true],
    ["resnet_time_scale_shift", "scale_shift"],
    ["time_embedding_act_fn", "silu"],
    ["time_embedding_type", "fourier"],
    ["timestep_post_act", "silu"],
    ["up_block_types", ["ResnetUpsampleBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]],
  ])("is refused where %s is %j", (key, value) => {
    const shown = JSON.stringify(value);
    const said = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
    expect(refusal(() => read({ [key]: value }))).toBe(
      `The configuration of the UNet says ${said} for ${key}, which is not supported. ${another}`,
    );
  });

  test.each([
    ["block_out_channels", "320", "a list of whole numbers"],
    ["block_out_channels", [], "a list of whole numbers"],
    ["block_out_channels", [320, 640, 1280.5], "a list of whole numbers from 1 to 1048576"],
    ["down_block_types", ["DownBlock2D"], "a list of 3, one for each block"],
    ["layers_per_block", 0, "a whole number from 1 to 256"],
    ["layers_per_block", [2, 2], "one number or a list of 3, one for each block"],
    ["norm_num_groups", 24, "a divisor of every number in block_out_channels"],
    ["norm_eps", "small", "a number from 0 to 1"],
    ["attention_head_dim", 7, "a divisor of a block's 1280 channels"],
    ["projection_class_embeddings_input_dim", null, "a whole number from 1 to 1048576"],
    ["transformer_layers_per_block", [1, 2], "one number or a list of 3, one for each block"],
    ["transformer_layers_per_block", [1, 2, 1e9], "whole numbers from 1 to 256, or lists of them"],
    [
      "transformer_layers_per_block",
      [1, [1, 2], 3],
      "accompanied by reverse_transformer_layers_per_block where it has lists in it",
    ],
    ["use_linear_projection", "yes", "true or false"],
  ])("is refused as damaged where %s is %j", (key, value, expected) => {
    expect(refusal(() => read({ [key]: value }))).toBe(
      `The configuration of the UNet says ${JSON.stringify(value)} for ${key}, which must be ${expected}. ${again}`,
    );
  });

  test.each([null, [], "text", 3, undefined])("is refused where it is %j", (config) => {
    const shown = config === undefined ? "nothing" : JSON.stringify(config);
    expect(refusal(() => readUnetConfig(config))).toBe(
      `The configuration of the UNet is ${shown} and not an object. ${again}`,
    );
  });
});

describe("a text encoder's configuration", () => {
  const config = stored("sdxl-like", "text_encoder");

  test("says what its file says; end token 2 stands for the highest token", () => {
    expect(readClipTextConfig(config)).toEqual({
      width: 16,
      innerWidth: 32,
      layers: 2,
      heads: 2,
      positions: 77,
      vocabulary: 544,
      activation: "quick_gelu",
      epsilon: 1e-5,
      end: "highest",
      projection: 16,
    });
    expect(readClipTextConfig({ ...config, eos_token_id: 49407 }).end).toBe(49407);
    expect(readClipTextConfig({ ...config, hidden_act: "gelu" }).activation).toBe("gelu");
  });

  test("is refused with another activation, a list of end tokens, or heads that do not divide its width", () => {
    expect(refusal(() => readClipTextConfig({ ...config, hidden_act: "relu" }))).toBe(
      `The configuration of the text encoder says "relu" for hidden_act, which is not supported. ${another}`,
    );
    expect(refusal(() => readClipTextConfig({ ...config, model_type: "t5" }))).toBe(
      `The configuration of the text encoder says "t5" for model_type, which is not supported. ${another}`,
    );
    expect(refusal(() => readClipTextConfig({ ...config, eos_token_id: [1, 2] }))).toBe(
      `The configuration of the text encoder says [1,2] for eos_token_id, which must be a whole number from 0 to 1048576. ${again}`,
    );
    expect(refusal(() => readClipTextConfig({ ...config, num_attention_heads: 3 }))).toBe(
      `The configuration of the text encoder says 3 for num_attention_heads, which must be a divisor of hidden_size, which is 16. ${again}`,
    );
  });
});

describe("a VAE's configuration", () => {
  test("says what its file says", () => {
    expect(readVaeConfig(stored("mixed", "vae"))).toEqual({
      imageChannels: { encoder: 3, decoder: 3 },
      latentChannels: 4,
      channels: [4, 8],
      layersPerBlock: 1,
      groups: 2,
      attention: false,
      quantConvolution: false,
      postQuantConvolution: false,
      forceUpcast: true,
    });
  });

  test("is refused with other blocks or another class", () => {
    const config = stored("mixed", "vae");
    const blocks = ["DownEncoderBlock2D", "AttnDownEncoderBlock2D"];
    expect(refusal(() => readVaeConfig({ ...config, down_block_types: blocks }))).toBe(
      `The configuration of the VAE says ${JSON.stringify(blocks)} for down_block_types, which is not supported. ${another}`,
    );
    expect(refusal(() => readVaeConfig({ ...config, _class_name: "AutoencoderTiny" }))).toBe(
      `The configuration of the VAE says "AutoencoderTiny" for _class_name, which is not supported. ${another}`,
    );
  });
});

import type { JsonObject } from "./boundedJson.ts";
import type { TensorSource } from "./tensorSource.ts";
import { countOf, dimension, headsOf } from "./unetConfiguration.ts";

type Tensors = ReadonlyMap<string, TensorSource>;

/**
 * Finds a CLIP text encoder's configuration, as transformers writes it, from the shapes of its tensors.
 * @param activation `quick_gelu` for OpenAI's CLIP, `gelu` for OpenCLIP's
 */
export function textConfiguration(tensors: Tensors, activation: "quick_gelu" | "gelu"): JsonObject {
  const embedding = "text_model.embeddings";
  const width = dimension(tensors, `${embedding}.token_embedding.weight`, 1);
  const projection = tensors.get("text_projection.weight")?.shape[0];
  // Left out are dropouts and the like, whose 0 or 1 JSON has as whole numbers: transformers 5 takes floats only.
  return {
    architectures: [projection === undefined ? "CLIPTextModel" : "CLIPTextModelWithProjection"],
    bos_token_id: 0,
    // 2 is what the published configurations say; it makes the end of the text the highest token.
    eos_token_id: 2,
    hidden_act: activation,
    hidden_size: width,
    initializer_range: 0.02,
    intermediate_size: dimension(tensors, "text_model.encoder.layers.0.mlp.fc1.weight", 0),
    layer_norm_eps: 1e-5,
    max_position_embeddings: dimension(tensors, `${embedding}.position_embedding.weight`, 0),
    model_type: "clip_text_model",
    num_attention_heads: headsOf(width),
    num_hidden_layers: countOf(tensors, "text_model.encoder.layers", "layer_norm1.weight"),
    pad_token_id: 1,
    projection_dim: projection ?? width,
    vocab_size: dimension(tensors, `${embedding}.token_embedding.weight`, 0),
  };
}

/** Finds an autoencoder's configuration, as diffusers writes it, from the shapes of its tensors. */
export function vaeConfiguration(tensors: Tensors): JsonObject {
  const levels = countOf(tensors, "encoder.down_blocks", "resnets.0.conv1.weight");
  const channels = Array.from({ length: levels }, (_, level) =>
    dimension(tensors, `encoder.down_blocks.${level}.resnets.0.conv1.weight`, 0),
  );
  return {
    _class_name: "AutoencoderKL",
    act_fn: "silu",
    block_out_channels: channels,
    down_block_types: channels.map(() => "DownEncoderBlock2D"),
    force_upcast: true,
    in_channels: dimension(tensors, "encoder.conv_in.weight", 1),
    latent_channels: dimension(tensors, "decoder.conv_in.weight", 1),
    layers_per_block: countOf(tensors, "encoder.down_blocks.0.resnets", "conv1.weight"),
    norm_num_groups: 32,
    out_channels: dimension(tensors, "decoder.conv_out.weight", 0),
    sample_size: 1024,
    scaling_factor: 0.13025,
    up_block_types: channels.map(() => "UpDecoderBlock2D"),
  };
}

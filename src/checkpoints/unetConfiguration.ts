import type { JsonObject } from "./boundedJson.ts";
import { CheckpointError } from "./checkpointError.ts";
import type { TensorSource } from "./tensorSource.ts";

type Tensors = ReadonlyMap<string, TensorSource>;

/** The width of one attention head in every published SDXL network; shapes alone do not tell it. */
const headWidth = 64;

/** A dimension of a tensor that must be there. */
export function dimension(tensors: Tensors, name: string, axis: number): number {
  const size = tensors.get(name)?.shape[axis];
  if (size === undefined)
    throw new CheckpointError("damaged", `The checkpoint has no tensor ${name} with a dimension ${axis}.`);
  return size;
}

/** How many of `prefix.0`, `prefix.1`, … there are, by `suffix`. */
export function countOf(tensors: Tensors, prefix: string, suffix: string): number {
  let count = 0;
  while (count < 1000 && tensors.has(`${prefix}.${count}.${suffix}`)) count += 1;
  return count;
}

/** The number of heads of attention over `channels` channels. */
export function headsOf(channels: number): number {
  if (channels % headWidth !== 0 || channels === 0)
    throw new CheckpointError(
      "unsupported",
      `A width of ${channels} channels is not one of SDXL's (a multiple of 64), so the number of attention heads cannot be told. Give a diffusers folder instead.`,
    );
  return channels / headWidth;
}

/** The transformer depth of each attention of a block, in order. */
function depthsOf(tensors: Tensors, block: string): number[] {
  const count = countOf(tensors, `${block}.attentions`, "norm.weight");
  return Array.from({ length: count }, (_, index) =>
    countOf(tensors, `${block}.attentions.${index}.transformer_blocks`, "norm1.weight"),
  );
}

/** Depths of all blocks in diffusers' short form (one number a block), or undefined where they differ within one. */
function uniform(depths: readonly number[][]): number[] | undefined {
  return depths.every((block) => block.every((depth) => depth === block[0]))
    ? depths.map((block) => block[0] ?? 0)
    : undefined;
}

/** `transformer_layers_per_block` and, where up is not down reversed, `reverse_transformer_layers_per_block`. */
function transformerLayers(down: readonly number[][], up: readonly number[][], mid: number): JsonObject {
  const downward = uniform(down);
  const upward = uniform(up);
  const mirrored =
    downward && upward?.every((depth, level) => depth === downward[downward.length - 1 - level]);
  if (mirrored) {
    // A block without attention ignores its number, but the middle block takes that of the last.
    const filled = downward.map((depth, level) => depth || (level === downward.length - 1 && mid) || 1);
    return { transformer_layers_per_block: filled };
  }
  const shown = (block: readonly number[]): number | number[] => (block.length > 0 ? [...block] : 1);
  const lists = down.map(shown);
  if (mid > 0 && down.at(-1)?.length === 0) lists[lists.length - 1] = mid;
  return { transformer_layers_per_block: lists, reverse_transformer_layers_per_block: up.map(shown) };
}

function middleBlock(tensors: Tensors): { type: string | null; depth: number } {
  if (!tensors.has("mid_block.resnets.0.norm1.weight")) return { type: null, depth: 0 };
  const depth = depthsOf(tensors, "mid_block")[0] ?? 0;
  return { type: depth > 0 ? "UNetMidBlock2DCrossAttn" : "UNetMidBlock2D", depth };
}

function crossAttentionWidth(tensors: Tensors): number {
  for (const [name, source] of tensors)
    if (name.endsWith(".attn2.to_k.weight") && source.shape[1] !== undefined) return source.shape[1];
  throw new CheckpointError("unsupported", "The checkpoint's UNet has no cross-attention.");
}

/**
 * Finds a UNet's configuration, as diffusers writes it, from the shapes of its tensors.
 * @param tensors under diffusers' names
 * @throws CheckpointError when the shapes are not those of an SDXL network
 */
export function unetConfiguration(tensors: Tensors): JsonObject {
  const levels = countOf(tensors, "down_blocks", "resnets.0.conv1.weight");
  if (levels === 0) throw new CheckpointError("damaged", "The checkpoint's UNet has no blocks.");
  const all = Array.from({ length: levels }, (_, level) => level);
  const channels = all.map((level) => dimension(tensors, `down_blocks.${level}.resnets.0.conv1.weight`, 0));
  const down = all.map((level) => depthsOf(tensors, `down_blocks.${level}`));
  const up = all.map((level) => depthsOf(tensors, `up_blocks.${level}`));
  const middle = middleBlock(tensors);
  const firstAttention = down.findIndex((depths) => depths.length > 0);
  const linear = tensors.get(`down_blocks.${firstAttention}.attentions.0.proj_in.weight`)?.shape.length === 2;
  const conditionWidth = tensors.get("time_embedding.cond_proj.weight")?.shape[1];
  return {
    _class_name: "UNet2DConditionModel",
    act_fn: "silu",
    addition_embed_type: "text_time",
    addition_time_embed_dim: 256,
    attention_head_dim: channels.map(headsOf),
    block_out_channels: channels,
    center_input_sample: false,
    cross_attention_dim: crossAttentionWidth(tensors),
    down_block_types: down.map((depths) => (depths.length > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D")),
    downsample_padding: 1,
    flip_sin_to_cos: true,
    freq_shift: 0,
    in_channels: dimension(tensors, "conv_in.weight", 1),
    layers_per_block: countOf(tensors, "down_blocks.0.resnets", "conv1.weight"),
    mid_block_scale_factor: 1,
    mid_block_type: middle.type,
    norm_eps: 1e-5,
    norm_num_groups: 32,
    out_channels: dimension(tensors, "conv_out.weight", 0),
    projection_class_embeddings_input_dim: dimension(tensors, "add_embedding.linear_1.weight", 1),
    resnet_time_scale_shift: "default",
    sample_size: 128,
    time_cond_proj_dim: conditionWidth ?? null,
    ...transformerLayers(down, up, middle.depth),
    up_block_types: up.map((depths) => (depths.length > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    upcast_attention: null,
    use_linear_projection: linear,
  };
}

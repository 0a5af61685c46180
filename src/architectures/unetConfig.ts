import { ArchitectureError } from "./architectureError.ts";
import { ConfigReader, counts, epsilons, isInteger, widths } from "./configReader.ts";

/** One level of a UNet, on its way down or up. */
export interface UnetLevel {
  readonly channels: number;
  /** The number of residual blocks on the way down; there is one more on the way up. */
  readonly layers: number;
  readonly heads: number;
  /** The number of transformer blocks after each residual block, where the level has attention. */
  readonly depths?: readonly number[];
}

/** What lies between the way down and the way up: residual blocks, with a transformer of that depth between. */
export type UnetMiddle =
  | { readonly kind: "none" }
  | { readonly kind: "plain" }
  | { readonly kind: "attention"; readonly depth: number };

/** A UNet of SDXL's architecture, as its `config.json` describes it. */
export interface UnetConfig {
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly down: readonly UnetLevel[];
  readonly middle: UnetMiddle;
  readonly up: readonly UnetLevel[];
  /** The width of the text embeddings. */
  readonly contextWidth: number;
  readonly groups: number;
  readonly epsilon: number;
  /** Linear layers around the transformers, else 1x1 convolutions. */
  readonly linearProjection: boolean;
  readonly downsamplePadding: 0 | 1;
  readonly kernels: { readonly first: number; readonly last: number };
  readonly timeWidth: number;
  /** The width of the embedding of the guidance scale, in latent consistency models. */
  readonly conditionWidth?: number;
  /** How timesteps and sizes become waves. */
  readonly waves: { readonly cosineFirst: boolean; readonly shift: number };
  /** The width of the waves of each of `time_ids`. */
  readonly idWidth: number;
  /** The width of `text_embeds` and the waves of all `time_ids` together. */
  readonly additionWidth: number;
}

/** What diffusers' UNets know and SDXL's do not have. */
function refuseOthers(reader: ConfigReader): void {
  reader.only("_class_name", "UNet2DConditionModel");
  reader.only("act_fn", "silu", "swish");
  if (reader.value("addition_embed_type") !== "text_time") throw reader.unsupported("addition_embed_type");
  for (const key of [
    "center_input_sample",
    "class_embeddings_concat",
    "dual_cross_attention",
    "mid_block_only_cross_attention",
    "resnet_skip_time_act",
  ])
    reader.only(key, false);
  for (const key of [
    "class_embed_type",
    "cross_attention_norm",
    "encoder_hid_dim",
    "encoder_hid_dim_type",
    "num_class_embeds",
    "time_embedding_act_fn",
    "timestep_post_act",
  ])
    reader.only(key);
  reader.only("attention_type", "default");
  reader.only("mid_block_scale_factor", 1);
  reader.only("resnet_out_scale_factor", 1);
  reader.only("resnet_time_scale_shift", "default");
  reader.only("time_embedding_type", "positional");
  const crossOnly = reader.value("only_cross_attention");
  if (Array.isArray(crossOnly) ? crossOnly.some((one) => one !== false) : crossOnly)
    throw reader.unsupported("only_cross_attention");
}

/** The depth of the transformers of each layer of a block, from one number or a list. */
function depthsOf(reader: ConfigReader, key: string, value: unknown, layers: number): number[] {
  const depths: unknown[] = Array.isArray(value) ? value : Array<unknown>(layers).fill(value);
  if (depths.length < layers) throw reader.wrong(key, `a depth for each of a block's ${layers} layers`);
  return depths.slice(0, layers).map((depth) => {
    if (!isInteger(depth, counts)) throw reader.wrong(key, "whole numbers from 1 to 256, or lists of them");
    return depth;
  });
}

const depthKey = "transformer_layers_per_block";
const reverseDepthKey = "reverse_transformer_layers_per_block";

/** What `transformer_layers_per_block` says for each level, one number or a list for each. */
function perLevelDepths(reader: ConfigReader, key: string, levels: number): unknown[] {
  const value = reader.value(key) ?? 1;
  if (!Array.isArray(value)) return Array<unknown>(levels).fill(value);
  if (value.length !== levels)
    throw reader.wrong(key, `one number or a list of ${levels}, one for each block`);
  return value;
}

/** What the way up has instead: its own list, or that of the way down reversed. */
function upwardDepths(
  reader: ConfigReader,
  downward: readonly unknown[],
): { key: string; values: unknown[] } {
  if (reader.value(reverseDepthKey) !== undefined)
    return { key: reverseDepthKey, values: perLevelDepths(reader, reverseDepthKey, downward.length) };
  if (downward.some(Array.isArray))
    throw reader.wrong(depthKey, `accompanied by ${reverseDepthKey} where it has lists in it`);
  return { key: depthKey, values: downward.toReversed() };
}

/** The depth of the middle's transformer: the deepest level's, or the first of its list. */
function middleOf(reader: ConfigReader, deepest: unknown): UnetMiddle {
  if (reader.isNull("mid_block_type")) return { kind: "none" };
  const kind = reader.value("mid_block_type") ?? "UNetMidBlock2DCrossAttn";
  if (kind === "UNetMidBlock2D") return { kind: "plain" };
  if (kind !== "UNetMidBlock2DCrossAttn") throw reader.unsupported("mid_block_type");
  const [depth] = depthsOf(reader, depthKey, deepest, 1);
  return { kind: "attention", depth: depth ?? 1 };
}

function contextWidth(reader: ConfigReader, levels: number): number {
  const list = reader.perLevel("cross_attention_dim", levels, { ...widths, fallback: 1280 });
  const [first] = list;
  if (first === undefined || list.some((width) => width !== first))
    throw reader.unsupported("cross_attention_dim");
  return first;
}

function oddKernel(reader: ConfigReader, key: string): number {
  const size = reader.integer(key, { min: 1, max: 15, fallback: 3 });
  if (size % 2 === 0) throw reader.unsupported(key);
  return size;
}

function levelsOf(reader: ConfigReader): Pick<UnetConfig, "down" | "middle" | "up" | "groups"> {
  const channels = reader.integers("block_out_channels", widths);
  const count = channels.length;
  const downTypes = reader.choices("down_block_types", count, ["DownBlock2D", "CrossAttnDownBlock2D"]);
  const upTypes = reader.choices("up_block_types", count, ["UpBlock2D", "CrossAttnUpBlock2D"]);
  const layers = reader.perLevel("layers_per_block", count, { ...counts, fallback: 2 });
  // diffusers took the number of heads for their width when it named the key; the name stayed.
  const headsKey =
    reader.value("num_attention_heads") === undefined ? "attention_head_dim" : "num_attention_heads";
  const heads = reader.perLevel(headsKey, count, { ...widths, fallback: 8 });
  if (reader.isNull("norm_num_groups")) throw reader.unsupported("norm_num_groups");
  const groups = reader.integer("norm_num_groups", { ...widths, fallback: 32 });
  if (channels.some((width) => width % groups !== 0))
    throw reader.wrong("norm_num_groups", "a divisor of every number in block_out_channels");
  const downward = perLevelDepths(reader, depthKey, count);
  const upward = upwardDepths(reader, downward);
  const middle = middleOf(reader, downward.at(-1));
  const level = (index: number): UnetLevel => ({
    channels: channels[index] ?? 0,
    layers: layers[index] ?? 0,
    heads: heads[index] ?? 0,
  });
  const withDepths = (
    one: UnetLevel,
    attention: boolean,
    key: string,
    value: unknown,
    more: number,
  ): UnetLevel => {
    if (!attention) return one;
    checkHeads(reader, headsKey, one);
    return { ...one, depths: depthsOf(reader, key, value, one.layers + more) };
  };
  if (middle.kind === "attention") checkHeads(reader, headsKey, level(count - 1));
  return {
    groups,
    middle,
    down: downTypes.map((type, index) =>
      withDepths(level(index), type === "CrossAttnDownBlock2D", depthKey, downward[index], 0),
    ),
    up: upTypes.map((type, index) => {
      const mirrored = level(count - 1 - index);
      return withDepths(mirrored, type === "CrossAttnUpBlock2D", upward.key, upward.values[index], 1);
    }),
  };
}

function checkHeads(reader: ConfigReader, key: string, { channels, heads }: UnetLevel): void {
  if (channels % heads !== 0) throw reader.wrong(key, `a divisor of a block's ${channels} channels`);
}

/**
 * Reads the `config.json` of a `UNet2DConditionModel` of SDXL's architecture.
 * @throws ArchitectureError, also for what diffusers' other UNets have
 */
export function readUnetConfig(config: unknown): UnetConfig {
  const reader = new ConfigReader(config, "UNet");
  refuseOthers(reader);
  const levels = levelsOf(reader);
  const first = levels.down[0]?.channels ?? 0;
  const idWidth = reader.integer("addition_time_embed_dim", widths);
  if (idWidth % 2 !== 0) throw reader.unsupported("addition_time_embed_dim");
  if (first % 2 !== 0)
    throw new ArchitectureError(
      `The UNet's first block has ${first} channels, but an even number is needed. Check its config.json.`,
    );
  const conditioned = reader.value("time_cond_proj_dim") !== undefined;
  return {
    ...levels,
    inputChannels: reader.integer("in_channels", { ...widths, fallback: 4 }),
    outputChannels: reader.integer("out_channels", { ...widths, fallback: 4 }),
    contextWidth: contextWidth(reader, levels.down.length),
    epsilon: reader.number("norm_eps", { ...epsilons, fallback: 1e-5 }),
    linearProjection: reader.boolean("use_linear_projection", false),
    downsamplePadding: reader.integer("downsample_padding", { min: 0, max: 1, fallback: 1 }) === 0 ? 0 : 1,
    kernels: { first: oddKernel(reader, "conv_in_kernel"), last: oddKernel(reader, "conv_out_kernel") },
    timeWidth: reader.integer("time_embedding_dim", { ...widths, fallback: first * 4 }),
    conditionWidth: conditioned ? reader.integer("time_cond_proj_dim", widths) : undefined,
    waves: {
      cosineFirst: reader.boolean("flip_sin_to_cos", true),
      shift: reader.number("freq_shift", { min: 0, max: 1, fallback: 0 }),
    },
    idWidth,
    additionWidth: reader.integer("projection_class_embeddings_input_dim", widths),
  };
}

import type { TensorSource } from "./tensorSource.ts";
import { reshaped } from "./tensorViews.ts";

const attentionNames: Readonly<Record<string, string>> = {
  norm: "group_norm",
  q: "to_q",
  k: "to_k",
  v: "to_v",
  proj_out: "to_out.0",
};

const olderAttentionNames: Readonly<Record<string, string>> = {
  query: "to_q",
  key: "to_k",
  value: "to_v",
  proj_attn: "to_out.0",
};

/** The diffusers name of a tensor of an LDM autoencoder with `levels` levels (decoder levels count backwards). */
function vaeName(name: string, levels: number): string {
  return name
    .replace(/^encoder\.down\.(\d+)\.block\.(\d+)\./, "encoder.down_blocks.$1.resnets.$2.")
    .replace(/^encoder\.down\.(\d+)\.downsample\.conv\./, "encoder.down_blocks.$1.downsamplers.0.conv.")
    .replace(
      /^decoder\.up\.(\d+)\.block\.(\d+)\./,
      (_, level, block) => `decoder.up_blocks.${levels - 1 - Number(level)}.resnets.${block}.`,
    )
    .replace(
      /^decoder\.up\.(\d+)\.upsample\.conv\./,
      (_, level) => `decoder.up_blocks.${levels - 1 - Number(level)}.upsamplers.0.conv.`,
    )
    .replace(/\.mid\.block_([12])\./, (_, block) => `.mid_block.resnets.${Number(block) - 1}.`)
    .replace(
      /\.mid\.attn_1\.(norm|q|k|v|proj_out)\./,
      (_, part: string) => `.mid_block.attentions.0.${attentionNames[part]}.`,
    )
    .replace(".nin_shortcut.", ".conv_shortcut.")
    .replace(".norm_out.", ".conv_norm_out.");
}

/** Names of the attention before diffusers 0.18: `query` is `to_q` now. */
function newerName(name: string): string {
  return name.replace(
    /\.mid_block\.attentions\.0\.(query|key|value|proj_attn)\./,
    (_, part: string) => `.mid_block.attentions.0.${olderAttentionNames[part]}.`,
  );
}

/** A 1x1 convolution [out, in, 1, 1] of the attention as the linear layer [out, in] it is. */
function asLinear(source: TensorSource, name: string): TensorSource {
  const [rows = 0, columns = 0, ...kernel] = source.shape;
  const isKernel = kernel.length === 2 && kernel.every((size) => size === 1);
  return isKernel ? reshaped(source, name, [rows, columns]) : source;
}

function withLinearAttention(name: string, source: TensorSource): TensorSource {
  return /\.mid_block\.attentions\.0\.to_.*weight$/.test(name) ? asLinear(source, name) : source;
}

/** The tensors of an autoencoder in a diffusers folder under their present names. */
export function currentVaeTensors(tensors: ReadonlyMap<string, TensorSource>): Map<string, TensorSource> {
  const renamed = new Map<string, TensorSource>();
  for (const [name, source] of tensors) {
    const current = newerName(name);
    renamed.set(current, withLinearAttention(current, source));
  }
  return renamed;
}

/** The tensors of an LDM autoencoder (without `first_stage_model.`) under diffusers' names and shapes. */
export function vaeFromLdm(tensors: ReadonlyMap<string, TensorSource>): Map<string, TensorSource> {
  let levels = 0;
  for (const name of tensors.keys()) {
    const level = /^(?:encoder\.down|decoder\.up)\.(\d{1,2})\./.exec(name);
    if (level) levels = Math.max(levels, Number(level[1]) + 1);
  }
  const renamed = new Map<string, TensorSource>();
  for (const [name, source] of tensors) {
    const current = vaeName(name, levels);
    renamed.set(current, withLinearAttention(current, source));
  }
  return renamed;
}

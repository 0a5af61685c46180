import { CheckpointError } from "./checkpointError.ts";
import type { TensorSource } from "./tensorSource.ts";
import { rowsOf, transposed } from "./tensorViews.ts";

const ignored = /(^|\.)(position_ids|logit_scale)$/;

/**
 * The tensors of a transformers CLIP text encoder. Newer releases save some without `text_model.`, which is put
 * back; buffers that are no weights are left out.
 */
export function clipTensors(tensors: ReadonlyMap<string, TensorSource>): Map<string, TensorSource> {
  const result = new Map<string, TensorSource>();
  for (const [name, source] of tensors) {
    if (ignored.test(name)) continue;
    const bare = /^(embeddings|encoder|final_layer_norm)\./.test(name);
    result.set(bare ? `text_model.${name}` : name, source);
  }
  return result;
}

const openClipParts: Readonly<Record<string, string>> = {
  ln_1: "layer_norm1",
  ln_2: "layer_norm2",
  "attn.out_proj": "self_attn.out_proj",
  "mlp.c_fc": "mlp.fc1",
  "mlp.c_proj": "mlp.fc2",
};

const openClipOuter: Readonly<Record<string, string>> = {
  positional_embedding: "text_model.embeddings.position_embedding.weight",
  "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
  "ln_final.weight": "text_model.final_layer_norm.weight",
  "ln_final.bias": "text_model.final_layer_norm.bias",
};

/** Splits the rows of `in_proj` into those of query, key and value. */
function splitProjection(source: TensorSource, layer: string, kind: string): [string, TensorSource][] {
  const rows = source.shape[0] ?? 0;
  if (rows % 3 !== 0)
    throw new CheckpointError(
      "damaged",
      `The tensor ${source.name} has ${rows} rows, which is not a multiple of 3.`,
    );
  return ["q_proj", "k_proj", "v_proj"].map((part, index) => {
    const name = `${layer}.self_attn.${part}.${kind}`;
    return [name, rowsOf(source, name, (index * rows) / 3, rows / 3)];
  });
}

/** The tensors of an OpenCLIP text encoder (bigG), without its prefix, under transformers' names and shapes. */
export function clipFromOpenClip(tensors: ReadonlyMap<string, TensorSource>): Map<string, TensorSource> {
  const result = new Map<string, TensorSource>();
  for (const [name, source] of tensors) {
    const outer = Object.hasOwn(openClipOuter, name) ? openClipOuter[name] : undefined;
    if (outer) {
      result.set(outer, source);
      continue;
    }
    if (name === "text_projection" || name === "text_projection.weight") {
      // OpenCLIP multiplies from the left (x·P); a linear layer holds the transpose.
      const view = name === "text_projection" ? transposed(source, "text_projection.weight") : source;
      result.set("text_projection.weight", view);
      continue;
    }
    const block = /^transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)$/.exec(name);
    if (!block) continue;
    const [, index, part = "", kind = ""] = block;
    const layer = `text_model.encoder.layers.${index}`;
    if (part === "attn.in_proj") {
      for (const [split, view] of splitProjection(source, layer, kind)) result.set(split, view);
    } else if (Object.hasOwn(openClipParts, part)) {
      result.set(`${layer}.${openClipParts[part]}.${kind}`, source);
    }
  }
  return result;
}

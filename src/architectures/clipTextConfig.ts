import { ConfigReader, counts, epsilons, widths } from "./configReader.ts";
import type { Activation } from "./layers.ts";

/** A CLIP text encoder, as its `config.json` describes it. */
export interface ClipTextConfig {
  readonly width: number;
  readonly innerWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** The number of positions: how many tokens a text may have. */
  readonly positions: number;
  readonly vocabulary: number;
  readonly activation: Activation;
  readonly epsilon: number;
  /**
   * The token that ends a text. `"highest"` is the rule for configurations that say 2, which is what transformers
   * wrote before it knew the number: the end is the highest token of the text.
   */
  readonly end: number | "highest";
  /** The width of the projection; only text encoders with a projection use it. */
  readonly projection: number;
}

/**
 * Reads the `config.json` of a CLIP text encoder.
 * @throws ArchitectureError
 */
export function readClipTextConfig(config: unknown): ClipTextConfig {
  const reader = new ConfigReader(config, "text encoder");
  reader.only("model_type", "clip_text_model");
  reader.only("hidden_act", "gelu", "quick_gelu");
  const width = reader.integer("hidden_size", { ...widths, fallback: 512 });
  const heads = reader.integer("num_attention_heads", { ...widths, fallback: 8 });
  if (width % heads !== 0)
    throw reader.wrong("num_attention_heads", `a divisor of hidden_size, which is ${width}`);
  const end = reader.integer("eos_token_id", { ...widths, min: 0, fallback: 49407 });
  return {
    width,
    innerWidth: reader.integer("intermediate_size", { ...widths, fallback: 2048 }),
    layers: reader.integer("num_hidden_layers", { ...counts, fallback: 12 }),
    heads,
    positions: reader.integer("max_position_embeddings", { ...widths, fallback: 77 }),
    vocabulary: reader.integer("vocab_size", { ...widths, max: 1 << 24, fallback: 49408 }),
    activation: reader.value("hidden_act") === "gelu" ? "gelu" : "quick_gelu",
    epsilon: reader.number("layer_norm_eps", { ...epsilons, fallback: 1e-5 }),
    end: end === 2 ? "highest" : end,
    projection: reader.integer("projection_dim", { ...widths, fallback: 512 }),
  };
}

import { ConfigReader, counts, widths } from "./configReader.ts";

/** An autoencoder, as its `config.json` describes it. */
export interface VaeConfig {
  readonly imageChannels: { readonly encoder: number; readonly decoder: number };
  readonly latentChannels: number;
  /** The channels of each level, the outermost first; between two levels height and width halve. */
  readonly channels: readonly number[];
  readonly layersPerBlock: number;
  readonly groups: number;
  /** Whether the middle has self-attention. */
  readonly attention: boolean;
  readonly quantConvolution: boolean;
  readonly postQuantConvolution: boolean;
  /** Whether activations leave the range of float16. */
  readonly forceUpcast: boolean;
}

/**
 * Reads the `config.json` of an `AutoencoderKL`.
 * @throws ArchitectureError
 */
export function readVaeConfig(config: unknown): VaeConfig {
  const reader = new ConfigReader(config, "VAE");
  reader.only("_class_name", "AutoencoderKL");
  reader.only("act_fn", "silu", "swish");
  const channels = reader.integers("block_out_channels", widths);
  reader.choices("down_block_types", channels.length, ["DownEncoderBlock2D"]);
  reader.choices("up_block_types", channels.length, ["UpDecoderBlock2D"]);
  const groups = reader.integer("norm_num_groups", { ...widths, fallback: 32 });
  if (channels.some((count) => count % groups !== 0))
    throw reader.wrong("norm_num_groups", "a divisor of every number in block_out_channels");
  return {
    imageChannels: {
      encoder: reader.integer("in_channels", { ...widths, fallback: 3 }),
      decoder: reader.integer("out_channels", { ...widths, fallback: 3 }),
    },
    latentChannels: reader.integer("latent_channels", { ...widths, fallback: 4 }),
    channels,
    layersPerBlock: reader.integer("layers_per_block", { ...counts, fallback: 1 }),
    groups,
    attention: reader.boolean("mid_block_add_attention", true),
    quantConvolution: reader.boolean("use_quant_conv", true),
    postQuantConvolution: reader.boolean("use_post_quant_conv", true),
    forceUpcast: reader.boolean("force_upcast", true),
  };
}

import * as z from "zod";

/** `model_index.json`: which library and class each part is; `[null, null]` for a part that is missing. */
export const modelIndexSchema = z
  .object({
    _class_name: z.string(),
    force_zeros_for_empty_prompt: z.boolean().default(true),
    text_encoder: z.array(z.string().nullable()).optional(),
    text_encoder_2: z.array(z.string().nullable()).optional(),
  })
  .loose();

const channels = z.int().min(1).max(65_536);

/** `unet/config.json`: what a pipeline needs of it. */
export const unetConfigSchema = z.object({
  sample_size: z.union([z.int().min(1).max(4096), z.tuple([z.int().min(1), z.int().min(1)])]),
  in_channels: channels,
  out_channels: channels,
  block_out_channels: z.array(channels).min(1).max(16),
  cross_attention_dim: z.union([channels, z.array(channels)]),
  addition_embed_type: z.literal("text_time", "is not text_time: this is not a Stable Diffusion XL UNet"),
  addition_time_embed_dim: channels,
  projection_class_embeddings_input_dim: channels,
  time_cond_proj_dim: channels.nullish(),
});

/** `text_encoder/config.json`. */
export const textEncoderConfigSchema = z.object({
  hidden_size: channels,
  projection_dim: channels.default(512),
  max_position_embeddings: z.int().min(3).max(65_536).default(77),
});

/** `vae_decoder/config.json` (also `vae_encoder/` and `vae/`). */
export const vaeConfigSchema = z.object({
  block_out_channels: z.array(channels).min(1).max(16),
  latent_channels: channels.default(4),
  scaling_factor: z.number().positive().default(0.18215),
  latents_mean: z.array(z.number()).max(65_536).nullish(),
  latents_std: z.array(z.number().positive()).max(65_536).nullish(),
});

/** `limner.json`: what the makers of a model recommend. All of it may be absent. */
export const recommendationSchema = z.object({
  name: z.string().min(1).max(200).optional(),
  steps: z.int().min(1).max(1000).optional(),
  guidanceScale: z.number().min(0).max(100).optional(),
  scheduler: z.string().max(64).optional(),
  timestepSpacing: z.enum(["leading", "trailing", "linspace"]).optional(),
  sigmas: z.enum(["default", "karras", "exponential", "beta"]).optional(),
  /** The training timesteps to visit, where a model was made for those and no others. */
  timesteps: z.array(z.int().min(0).max(100_000)).min(1).max(1000).optional(),
  /** How the UNet's output is to be read, where the scheduler's configuration says it otherwise. */
  predictionType: z.enum(["epsilon", "v_prediction", "sample"]).optional(),
  width: z.int().min(8).max(16_384).optional(),
  height: z.int().min(8).max(16_384).optional(),
  /** Whether the model draws well in this size only. */
  fixedSize: z.boolean().optional(),
  /** Colors of latents, for previews. */
  latentRgb: z
    .object({
      weights: z.array(z.array(z.number()).min(1).max(64)).length(3),
      bias: z.array(z.number()).length(3),
    })
    .optional(),
});
export type Recommendation = z.infer<typeof recommendationSchema>;

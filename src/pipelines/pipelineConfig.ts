import type { LatentRgb } from "../images/latentPreview.ts";

/**
 * The submodels of an SDXL pipeline, by their folders' names. `taesd_decoder` is a tiny decoder for previews (diffusers'
 * `AutoencoderTiny`), which few folders have.
 */
export const submodelNames = [
  "text_encoder",
  "text_encoder_2",
  "unet",
  "vae_encoder",
  "vae_decoder",
  "taesd_decoder",
] as const;
export type SubmodelName = (typeof submodelNames)[number];

/** The two numbers of each channel by which the UNet's latents differ from the VAE's, beside the scaling factor. */
export interface LatentStatistics {
  /** One mean a latent channel. */
  mean: readonly number[];
  /** One standard deviation a latent channel, above 0. */
  std: readonly number[];
}

/** What a pipeline must know of a model, all of it read from the model's folder. */
export interface PipelineConfig {
  /** Channels of the latents: 4 in every published SDXL. */
  latentChannels: number;
  /** Channels that the UNet takes: 4, or 9 in inpainting models. */
  unetInputChannels: number;
  /** Pixels to one latent, along each axis: 8 in every published SDXL. */
  vaeScaleFactor: number;
  /** Width and height of a picture must be multiples of this, in pixels: every downsampling halves exactly. */
  sizeMultiple: number;
  /** Size that the model was trained on, in pixels. */
  defaultSize: { width: number; height: number };
  /** It draws well in that size only, so that other sizes are taken where they are asked for and not by themselves. */
  fixedSize?: boolean;
  /** Latents are divided by it before they are decoded. */
  scalingFactor: number;
  /** Mean and deviation of the VAE's latents, where they are normalized channel by channel (Playground v2.5). */
  latentStatistics?: LatentStatistics;
  /** Zeros stand for an absent negative prompt. */
  forceZerosForEmptyPrompt: boolean;
  /** Numbers in `time_ids`: 6 for a base model, 5 for a refiner. */
  timeIdCount: number;
  /**
   * Width of the UNet's `timestep_cond`, where it has one: it is told the guidance scale, as distilled models are, and
   * takes no negative prompt.
   */
  guidanceEmbeddingWidth?: number;
  /** Makes small previews of latents; absent where none is known for this model's VAE. */
  latentRgb?: LatentRgb;
  /** Whether the folder has a `taesd_decoder`, whose previews are better. */
  hasPreviewDecoder?: boolean;
  /** The contents of `scheduler_config.json`. */
  schedulerConfig: Readonly<Record<string, unknown>>;
}

/** Whether a UNet takes the mask and the masked picture beside the latents, as nine-channel inpainting models do. */
export function hasMaskChannels({ unetInputChannels, latentChannels }: PipelineConfig): boolean {
  return unetInputChannels > latentChannels;
}

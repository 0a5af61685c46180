import type * as z from "zod";
import type { Size } from "../protocol/size.ts";
import type { Recommendation, unetConfigSchema, vaeConfigSchema } from "./configSchemas.ts";

/** How large a model's networks are, and the pictures they are made for. */
export interface NetworkSizes {
  /** Channels of the networks at their full resolution: what a run takes in memory goes with them. */
  readonly channels: { readonly unet: number; readonly vae: number };
  /** Pixels of a picture to one of its latents, in each direction. */
  readonly vaeScaleFactor: number;
  /** Pictures are of this size unless told otherwise, in pixels. */
  readonly defaultSize: Size;
}

/** Tells the sizes from the networks' configurations; a recommended size comes first. */
export function networkSizes(
  unet: Pick<z.infer<typeof unetConfigSchema>, "sample_size" | "block_out_channels">,
  vae: Pick<z.infer<typeof vaeConfigSchema>, "block_out_channels">,
  recommendation: Recommendation,
): NetworkSizes {
  const vaeScaleFactor = 2 ** (vae.block_out_channels.length - 1);
  const [sampleHeight, sampleWidth] = Array.isArray(unet.sample_size)
    ? unet.sample_size
    : [unet.sample_size, unet.sample_size];
  return {
    channels: { unet: unet.block_out_channels[0] ?? 0, vae: vae.block_out_channels[0] ?? 0 },
    vaeScaleFactor,
    defaultSize: {
      width: recommendation.width ?? sampleWidth * vaeScaleFactor,
      height: recommendation.height ?? sampleHeight * vaeScaleFactor,
    },
  };
}

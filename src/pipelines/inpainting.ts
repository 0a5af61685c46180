import { binarized, type Mask } from "../images/mask.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** @throws LimnerError `invalid-request` when the mask is not as large as the picture */
export function checkMask(mask: Mask, image: RgbImage): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new LimnerError(
    "invalid-request",
    `The mask has ${mask.width}x${mask.height} pixels, the picture ${image.width}x${image.height}. Make them equal.`,
  );
}

/**
 * The mask as latents see it: 1 where the top left pixel of a latent is to be repainted, else 0.
 * @param factor pixels to one latent
 * @returns `[height/factor, width/factor]`
 */
export function latentMask(mask: Mask, factor: number): Float32Array {
  const width = mask.width / factor;
  const height = mask.height / factor;
  const pixels = binarized(mask);
  return Float32Array.from({ length: width * height }, (_, latent) => {
    const [x, y] = [latent % width, Math.floor(latent / width)];
    return pixels[y * factor * mask.width + x * factor] as number;
  });
}

/** Zeros the planes of a picture in [−1, 1] where it is to be repainted: 0 is mid gray. In place. */
export function hidePlanes(planes: Float32Array, mask: Mask): Float32Array {
  const hidden = binarized(mask);
  for (let i = 0; i < planes.length; i++) if (hidden[i % hidden.length] === 1) planes[i] = 0;
  return planes;
}

/**
 * `mask · drawn + (1 − mask) · kept`, the blending of four-channel models after each step (diffusers' order of terms).
 * @param mask one value a latent position, for every channel
 */
export function blendLatents(drawn: Float32Array, kept: Float32Array, mask: Float32Array): Float32Array {
  return drawn.map((value, i) => {
    const share = mask[i % mask.length] as number;
    return Math.fround((1 - share) * (kept[i] as number)) + Math.fround(share * value);
  });
}

/** The mask and the masked picture's latents, which a nine-channel UNet takes beside the noisy latents. */
export function inpaintingChannels(mask: Float32Array, maskedLatents: TensorOf<"f32">): Float32Array {
  const channels = new Float32Array(mask.length + maskedLatents.data.length);
  channels.set(mask);
  channels.set(maskedLatents.data, mask.length);
  return channels;
}

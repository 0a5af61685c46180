import type { RgbImage } from "../images/rgbImage.ts";
import type { CompiledModel } from "../openvino/runtime.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { type LatentScale, toVaeScale } from "./latentScale.ts";

/**
 * Turns a decoder's output into pixels, as diffusers does: `round(255 · clamp(x/2 + ½, 0, 1))`, half to even.
 * @param decoded `[1, 3, height, width]`, about −1 to 1
 */
export function toPixels(decoded: TensorOf<"f32">): RgbImage {
  const [, channels, height = 0, width = 0] = decoded.shape;
  if (channels !== 3) {
    throw new LimnerError(
      "model-damaged",
      `The VAE decoder gives ${channels} channels instead of 3. Get the model again.`,
    );
  }
  const plane = height * width;
  const data = new Uint8ClampedArray(plane * 3);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) {
      const value = decoded.data[channel * plane + i] as number;
      // A clamped array rounds half to even, as NumPy does, and clamps; NaN becomes 0.
      data[i * 3 + channel] = Math.fround(Math.fround(value / 2 + 0.5) * 255);
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/**
 * Runs a decoder.
 * @param sample `[1, latent channels, height/8, width/8]`, as the decoder takes them
 * @returns `[1, 3, height, width]`, about −1 to 1
 */
export async function decodePlanes(
  decoder: CompiledModel,
  sample: TensorOf<"f32">,
  signal?: AbortSignal,
): Promise<TensorOf<"f32">> {
  const request = decoder.createInferRequest();
  try {
    const outputs = await request.infer({ latent_sample: sample }, { signal, outputs: ["sample"] });
    const decoded = outputs["sample"];
    if (decoded?.type !== "f32") {
      throw new LimnerError("model-damaged", "The VAE decoder gives no float image. Get the model again.");
    }
    return decoded;
  } finally {
    request.dispose();
  }
}

/**
 * Decodes latents to a picture.
 * @param latents `[1, latent channels, height/8, width/8]`, as the denoising loop ends with them
 */
export async function decodeImage(
  decoder: CompiledModel,
  latents: TensorOf<"f32">,
  scale: LatentScale,
  signal?: AbortSignal,
): Promise<RgbImage> {
  return toPixels(await decodePlanes(decoder, toVaeScale(latents, scale), signal));
}

import type { Size } from "../protocol/size.ts";
import { needOf } from "./memoryRefusal.ts";
import type { ModelFolder } from "./modelFolder.ts";
import { float32Kernels, submodelMemory } from "./submodelMemory.ts";

/**
 * Bytes of memory that drawing takes at the moment that takes most, by estimate: on a CPU that computes in float32; where
 * it computes in 16 bits, less.
 * @param size in pixels
 * @throws Error where the model's files cannot be read
 */
export async function drawingMemory(folder: ModelFolder, size: Size): Promise<number> {
  const encoders = folder.textEncoders.map(({ submodel }) => submodel);
  const memories = await Promise.all(
    [...encoders, "unet" as const, "vae_decoder" as const].map((name) =>
      submodelMemory(folder, name, float32Kernels),
    ),
  );
  return needOf(memories, size);
}

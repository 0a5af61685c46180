import { textShapes, unetShapes, vaeShapes } from "../../bench/convert/networkShapes.ts";
import { originalOpenClip, originalUnet, originalVae } from "../../bench/convert/originalNames.ts";
import { safetensorsBytes, type TensorToWrite } from "../checkpoints/safetensorsWriter.ts";
import { seededBytes } from "./seededBytes.ts";

/** Small random halves: the low bits of each are random, its size is 2⁻⁶ to 2⁻⁵. */
function randomHalves(count: number, seed: number): Uint8Array {
  const bytes = seededBytes(2 * count, seed);
  for (let i = 0; i < count; i++) {
    const bits = bytes.readUInt16LE(2 * i);
    bytes.writeUInt16LE((bits & 0x83ff) | 0x2400, 2 * i);
  }
  return bytes;
}

/**
 * A Stable Diffusion XL checkpoint in one file with SDXL's original names, as small as its heads of 64 channels allow
 * (about 15 MB, most of it CLIP's vocabulary). Random weights: it draws noise.
 * @param width channels of the UNet and of the text, a multiple of 64
 */
export function tinySingleFile(width = 64): Uint8Array {
  const unet = unetShapes({
    channels: [width, width],
    depths: [0, 1],
    midDepth: 1,
    context: 2 * width,
    added: width + 6 * 256,
    inputs: 4,
  });
  const clip = [...textShapes(width, 1)].map(
    ([name, shape]) => [`conditioner.embedders.0.transformer.${name}`, shape] as const,
  );
  const shapes = new Map([
    ...originalUnet(unet, 2),
    ...originalVae(vaeShapes([32, 32, 32, 32])),
    ...clip,
    ...originalOpenClip("conditioner.embedders.1.model.", width, 1),
  ]);
  const tensors: Record<string, TensorToWrite> = {};
  let seed = 1;
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, size) => product * size, 1);
    tensors[name] = { dtype: "F16", shape, bytes: randomHalves(count, seed++) };
  }
  return safetensorsBytes(tensors);
}

import { extname } from "node:path";
import { CheckpointError } from "./checkpointError.ts";

const pickleExtensions = new Set([".ckpt", ".pt", ".pth", ".bin", ".pkl"]);

/** The refusal of a Python pickle: reading one runs code from the file. */
export function pickleRefusal(file: string): CheckpointError {
  return new CheckpointError(
    "unsupported",
    `${file} is a Python pickle, which can run any code when it is read, so Limner does not read it. Use the .safetensors version of this model.`,
  );
}

/** Whether the name is one that PyTorch gives to pickles. */
export function hasPickleName(file: string): boolean {
  return pickleExtensions.has(extname(file).toLowerCase());
}

/**
 * Refuses what starts as PyTorch's files do: a zip archive, or a bare pickle of protocol 2 to 5.
 * @param start the first 8 bytes of the file
 * @throws CheckpointError with the reason
 */
export function refusePickle(start: Uint8Array, file: string): void {
  const [a = 0, b = 0, c = 0, d = 0, , , , h = 0] = start;
  const isZip = a === 0x50 && b === 0x4b && c === 3 && d === 4;
  // A safetensors file starts with a length below 2^27: its eighth byte is 0.
  const isBarePickle = a === 0x80 && b >= 2 && b <= 5 && h !== 0;
  if (isZip || isBarePickle) throw pickleRefusal(file);
}

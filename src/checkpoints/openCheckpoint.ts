import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Checkpoint, OpenOptions } from "./checkpoint.ts";
import { CheckpointError } from "./checkpointError.ts";
import { openDiffusersFolder } from "./diffusersFolder.ts";
import { hasPickleName, pickleRefusal } from "./pickle.ts";
import { openSingleFile } from "./singleFile.ts";

/**
 * Opens an SDXL checkpoint: a folder in diffusers' layout or a single `.safetensors` file.
 * @throws CheckpointError with a sentence that names the file and the remedy
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new CheckpointError("missing", `${path} does not exist. Check the path.`);
  if (found.isDirectory()) {
    const index = await stat(join(path, "model_index.json")).catch(() => undefined);
    if (!index)
      throw new CheckpointError(
        "unsupported",
        `${path} has no model_index.json. Give a folder in diffusers' layout or a .safetensors file.`,
      );
    return openDiffusersFolder(path, options);
  }
  if (hasPickleName(path)) throw pickleRefusal(path);
  if (extname(path).toLowerCase() !== ".safetensors")
    throw new CheckpointError(
      "unsupported",
      `${path} is neither a .safetensors file nor a folder in diffusers' layout.`,
    );
  return openSingleFile(path, options);
}

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { hasPickleName, pickleRefusal } from "../checkpoints/pickle.ts";
import { openSafetensors } from "../checkpoints/safetensorsFile.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { tensorFileKind } from "./tensorFileKind.ts";

/** What a path of the user's is. */
export interface LocalModel {
  readonly kind: "openvino" | "diffusers" | "single-file" | "lora";
}

function refused(message: string): LimnerError {
  return new LimnerError("model-unsupported", message);
}

function folderKind(folder: string): LocalModel {
  if (!existsSync(join(folder, "model_index.json")))
    throw refused(
      `${folder} has no model_index.json. Give a folder of OpenVINO IR, one in diffusers' layout, or a .safetensors file.`,
    );
  return { kind: existsSync(join(folder, "unet", "openvino_model.xml")) ? "openvino" : "diffusers" };
}

async function fileKind(file: string): Promise<LocalModel> {
  if (hasPickleName(file)) throw refused(pickleRefusal(file).message);
  if (extname(file).toLowerCase() !== ".safetensors")
    throw refused(`${file} is no model: Limner takes folders and .safetensors files.`);
  const set = await openSafetensors(file);
  await set.close();
  const entries = [...set.tensors].map(([name, { dataType, shape }]) => {
    return [name, { name, dataType, shape, begin: 0, end: 0 }] as const;
  });
  const found = tensorFileKind({ tensors: new Map(entries), metadata: set.metadata }, basename(file));
  if (found.kind === "other") throw refused(found.sentence);
  return { kind: found.kind === "lora" ? "lora" : "single-file" };
}

/**
 * Tells what a folder or file of the user's is.
 * @param path absolute
 * @throws LimnerError `model-not-found`, `model-unsupported`, `model-damaged`
 */
export async function localModel(path: string): Promise<LocalModel> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new LimnerError("model-not-found", `${path} does not exist. Check the path.`);
  if (found.isDirectory()) return folderKind(path);
  try {
    return await fileKind(path);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new LimnerError(error.code === "damaged" ? "model-damaged" : "model-unsupported", error.message, {
      cause: error,
    });
  }
}

import { basename } from "node:path";
import { isJsonObject, type JsonObject } from "./boundedJson.ts";
import { CheckpointError } from "./checkpointError.ts";
import { readFloats } from "./floatValues.ts";
import { type LoraLayer, type LoraPart, meaningOf } from "./loraLayer.ts";
import { openSafetensors, type TensorSet } from "./safetensorsFile.ts";
import type { TensorSource } from "./tensorSource.ts";

/** An open LoRA file: the changes it makes, by the file's own names of the modules. */
export interface LoraFile {
  readonly file: string;
  readonly layers: readonly LoraLayer[];
  /** The names of tensors that mean nothing known. */
  readonly unknown: readonly string[];
  /** Settings that PEFT stores beside the weights, by submodel prefix (`unet.lora_alpha`). */
  readonly settings: JsonObject;
  close(): Promise<void>;
}

const largestSettings = 1024 * 1024;

function settingsOf(set: TensorSet): JsonObject {
  const text = set.metadata.get("lora_adapter_metadata");
  if (!text || text.length > largestSettings) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function layersOf(set: TensorSet, file: string): { layers: LoraLayer[]; unknown: string[] } {
  const modules = new Map<string, Partial<Record<LoraPart, TensorSource>>>();
  const unknown: string[] = [];
  for (const [name, source] of set.tensors) {
    const meaning = meaningOf(name);
    switch (meaning.kind) {
      case "part": {
        const parts = modules.get(meaning.module) ?? {};
        parts[meaning.part] = source;
        modules.set(meaning.module, parts);
        break;
      }
      case "refused":
        throw new CheckpointError(
          "unsupported",
          `${file} uses ${meaning.what} (${JSON.stringify(name).slice(0, 100)}), which Limner cannot merge. LoRA, DoRA, LoHa and LoKr without Tucker decomposition are supported.`,
        );
      case "unknown":
        unknown.push(name);
    }
  }
  return { layers: [...modules].map(([module, parts]) => ({ module, parts })), unknown };
}

/**
 * Opens a LoRA file (kohya's names, or those of diffusers and PEFT).
 * @throws CheckpointError when it is damaged, a pickle, holds no LoRA, or one of a kind that is refused
 */
export async function openLora(path: string): Promise<LoraFile> {
  const file = basename(path);
  const set = await openSafetensors(path);
  try {
    const { layers, unknown } = layersOf(set, file);
    if (layers.length === 0)
      throw new CheckpointError(
        "unsupported",
        `${file} holds no LoRA: none of its tensors has a LoRA's name.`,
      );
    return { file, layers, unknown, settings: settingsOf(set), close: set.close };
  } catch (error) {
    await set.close();
    throw error;
  }
}

function numberIn(value: unknown, key: string): number | undefined {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** PEFT's alpha of a module: the pattern that ends its name, or the adapter's. */
function storedAlpha(settings: JsonObject, prefix: string, module: string): number | undefined {
  const pattern = settings[`${prefix}.alpha_pattern`];
  if (isJsonObject(pattern))
    for (const key of Object.keys(pattern))
      if (module === key || module.endsWith(`.${key}`)) return numberIn(pattern, key);
  return numberIn(settings, `${prefix}.lora_alpha`);
}

/**
 * The factor that a layer's product is multiplied by, without the user's scale: alpha / rank, and 1 where the file
 * states no alpha.
 * @throws CheckpointError when alpha is not one finite number
 */
export async function layerFactor(lora: LoraFile, layer: LoraLayer, rank: number): Promise<number> {
  const { alpha } = layer.parts;
  if (alpha) {
    const value = alpha.byteLength <= 8 ? (await readFloats(alpha))[0] : undefined;
    if (value === undefined || !Number.isFinite(value))
      throw new CheckpointError("damaged", `${lora.file}: ${alpha.name} is not one finite number.`);
    return value / rank;
  }
  const prefix = layer.module.split(".")[0] ?? "";
  const stored = storedAlpha(lora.settings, prefix, layer.module);
  if (stored === undefined) return 1;
  return stored / (lora.settings[`${prefix}.use_rslora`] === true ? Math.sqrt(rank) : rank);
}

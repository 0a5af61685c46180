import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { meaningOf } from "../checkpoints/loraLayer.ts";
import type { SafetensorsHeader } from "../checkpoints/safetensorsHeader.ts";
import { refuseUnlessWhole } from "../checkpoints/singleFile.ts";

/** What a safetensors file is to Limner; a sentence where it is of no use. */
export type TensorFileKind =
  | { readonly kind: "checkpoint" }
  | { readonly kind: "lora"; readonly rank?: number; readonly modules: number }
  | { readonly kind: "other"; readonly sentence: string };

/** The width of the text that a LoRA's cross-attention reads, where it changes any. */
function textWidth({ tensors }: SafetensorsHeader): number | undefined {
  for (const [name, { shape }] of tensors) {
    const meaning = meaningOf(name);
    if (
      meaning.kind === "part" &&
      meaning.part === "down" &&
      /attn2[._](processor[._])?to_[kv](_lora)?$/.test(meaning.module)
    )
      return shape[1];
  }
  return undefined;
}

const otherBases: Readonly<Record<number, string>> = {
  768: "Stable Diffusion 1",
  1024: "Stable Diffusion 2",
};

/** Modules that SDXL has: those of its UNet or of its text encoders, in any of the spellings in use. */
const sdxlModule =
  /(^|[._])(down_blocks|mid_block|up_blocks|input_blocks|middle_block|output_blocks|te[12]?|text_encoder(_2)?|text_model|conv_in|conv_out|time_embedding|add_embedding|label_emb)([._]|$)/;

function loraKind(header: SafetensorsHeader, file: string): TensorFileKind {
  const parts = [...header.tensors.values()].flatMap((entry) => {
    const meaning = meaningOf(entry.name);
    return meaning.kind === "part" ? [{ ...meaning, shape: entry.shape }] : [];
  });
  const refusal = (base: string): TensorFileKind => ({
    kind: "other",
    sentence: `${file} is a LoRA for ${base}; Limner takes LoRAs for Stable Diffusion XL.`,
  });
  if (!parts.some(({ module }) => sdxlModule.test(module))) return refusal("another kind of model");
  const base = otherBases[textWidth(header) ?? 0];
  if (base) return refusal(base);
  const rank = parts.find(({ part }) => part === "down")?.shape[0];
  return { kind: "lora", rank, modules: new Set(parts.map(({ module }) => module)).size };
}

/** Tells from a safetensors header what the file is. @param file its name, for the sentence */
export function tensorFileKind(header: SafetensorsHeader, file: string): TensorFileKind {
  const names = [...header.tensors.keys()];
  if (names.some((name) => ["part", "refused"].includes(meaningOf(name).kind) && !name.endsWith(".alpha")))
    if (!names.some((name) => name.startsWith("model.diffusion_model."))) return loraKind(header, file);
  try {
    refuseUnlessWhole(names, file);
    return { kind: "checkpoint" };
  } catch (error) {
    if (error instanceof CheckpointError) return { kind: "other", sentence: error.message };
    throw error;
  }
}

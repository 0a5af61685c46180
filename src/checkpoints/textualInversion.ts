import { basename } from "node:path";
import { CheckpointError } from "./checkpointError.ts";
import { readFloats } from "./floatValues.ts";
import { openSafetensors } from "./safetensorsFile.ts";

const mostVectors = 1024;

/** Vectors that stand for a word in one text encoder: `values` is [vectors, width], row by row. */
export interface EmbeddingVectors {
  readonly vectors: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** A textual-inversion embedding. SDXL's have vectors for both text encoders, told apart by their width. */
export interface TextualInversion {
  /** The word the file itself names (`<token>` in diffusers' form). */
  readonly token?: string;
  readonly encoders: readonly EmbeddingVectors[];
}

/** Names that are those of formats and not of a word. */
const formatKeys = new Set(["clip_l", "clip_g", "emb_params"]);

/**
 * Reads a textual-inversion embedding: `clip_l`/`clip_g`, `emb_params`, or diffusers' form (the word as key).
 * @throws CheckpointError when the file is damaged or holds something else
 */
export async function readTextualInversion(path: string): Promise<TextualInversion> {
  const file = basename(path);
  const set = await openSafetensors(path);
  try {
    const encoders: EmbeddingVectors[] = [];
    let token: string | undefined;
    if (set.tensors.size === 0 || set.tensors.size > 2)
      throw new CheckpointError(
        "unsupported",
        `${file} holds ${set.tensors.size} tensors; a textual-inversion embedding has one or two.`,
      );
    for (const [name, source] of set.tensors) {
      const [vectors = 0, width = 0] = source.shape.length === 1 ? [1, ...source.shape] : source.shape;
      if (source.shape.length > 2 || vectors < 1 || vectors > mostVectors || width < 1 || width > 16384)
        throw new CheckpointError(
          "unsupported",
          `${file}: ${JSON.stringify(name).slice(0, 80)} has the shape [${source.shape.join(", ")}]; an embedding is [vectors, width].`,
        );
      if (!formatKeys.has(name)) token = name;
      encoders.push({ vectors, width, values: await readFloats(source) });
    }
    return { token, encoders };
  } finally {
    await set.close();
  }
}

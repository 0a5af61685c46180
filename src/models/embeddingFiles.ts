import { basename, extname } from "node:path";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { readTextualInversion } from "../checkpoints/textualInversion.ts";
import type { TokenEmbedding, TokenVectors } from "../conditioning/tokenEmbedding.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** The vectors of a file for each of the model's text encoders, told apart by their width. */
function forEncoders(
  file: string,
  found: readonly { vectors: number; width: number; values: Float32Array }[],
  model: ModelFolder,
): TokenVectors[] {
  const left = [...found];
  const encoders = model.textEncoders.map(({ hiddenSize }) => {
    const at = left.findIndex(({ width }) => width === hiddenSize);
    const [own] = at < 0 ? [] : left.splice(at, 1);
    if (own) return { count: own.vectors, width: own.width, values: own.values };
    const [wanted, has] = [
      model.textEncoders.map((one) => one.hiddenSize),
      found.map((one) => one.width),
    ].map((widths) => widths.join(" and "));
    throw new LimnerError(
      "invalid-request",
      `The embedding ${file} has vectors of width ${has}, but ${model.name} reads ${wanted}: it was made for another ` +
        "kind of model.",
    );
  });
  const counts = [...new Set(encoders.map(({ count }) => count))];
  if (counts.length > 1) {
    throw new LimnerError(
      "invalid-request",
      `The embedding ${file} has ${counts.join(" and ")} vectors for the two text encoders; it takes as many for each.`,
    );
  }
  return encoders;
}

/**
 * Reads textual-inversion embeddings. Each is known in prompts by its file's name without the extension.
 * @param paths of `.safetensors` files
 * @throws LimnerError `invalid-request` for a file that cannot be used with the model, or a word that two files have
 */
export async function readEmbeddings(
  paths: readonly string[],
  model: ModelFolder,
): Promise<TokenEmbedding[]> {
  const embeddings: TokenEmbedding[] = [];
  for (const path of paths) {
    const word = basename(path, extname(path));
    if (embeddings.some((one) => one.word.toLowerCase() === word.toLowerCase())) {
      throw new LimnerError(
        "invalid-request",
        `Two embeddings are called "${word}". Rename one of the files: a prompt names them by it.`,
      );
    }
    try {
      const { encoders } = await readTextualInversion(path);
      embeddings.push({ word, encoders: forEncoders(basename(path), encoders, model) });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      throw new LimnerError("invalid-request", error.message, { cause: error });
    }
  }
  return embeddings;
}

import { chunkPrompt } from "../conditioning/promptChunks.ts";
import { type ModelFolder, readModelFolder } from "../models/modelFolder.ts";
import type { ResultOf } from "../protocol/messageType.ts";
import type { tokenizePrompt } from "../protocol/tokenizePrompt.ts";

/** What one text encoder reads of a prompt. */
export type TokenCount = ResultOf<typeof tokenizePrompt>["encoders"][number];

/** Folders whose tokenizers are kept. */
const maximumFolders = 4;

/** Folders that were read lately: a prompt is counted at every key, and a vocabulary takes long to read. */
export class RecentFolders {
  readonly #folders = new Map<string, ModelFolder>();

  /** @throws LimnerError where the folder is no model */
  read(path: string): ModelFolder {
    const folder = this.#folders.get(path) ?? readModelFolder(path);
    this.#folders.delete(path);
    this.#folders.set(path, folder);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > maximumFolders && oldest !== undefined) this.#folders.delete(oldest);
    return folder;
  }
}

/** Counts the tokens of a prompt for each text encoder of a model. @throws LimnerError for a weight out of range */
export function tokenCounts(
  { textEncoders }: ModelFolder,
  prompt: string,
  weighting: "on" | "off" | undefined,
): TokenCount[] {
  return textEncoders.map(({ tokenizer }, encoder) => {
    const { chunks, tokens } = chunkPrompt(tokenizer, encoder, prompt, { weighting });
    return { tokens, limit: tokenizer.length - 2, chunks: chunks.length };
  });
}

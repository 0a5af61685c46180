import type { ClipTokenizer } from "./clipTokenizer.ts";
import { parsePromptWeights } from "./promptWeights.ts";
import { findEmbeddings, type TokenEmbedding } from "./tokenEmbedding.ts";

/** What a text encoder reads at once: one row of token ids, with what the prompt says about them. */
export interface PromptChunk {
  /** Start, tokens, end and padding, `[length]`. */
  ids: number[];
  /** The weight of each position; 1 for start, end and padding. */
  weights: number[];
  /** Vectors that replace the token's own, by position. */
  vectors: ReadonlyMap<number, Float32Array>;
}

/** How prompts are read. Every field may be absent. */
export interface PromptReading {
  /** `chunk` (the default) reads all of a long prompt, 75 tokens at a time; `cut` drops what is beyond them. */
  longPrompts?: "chunk" | "cut";
  /** Whether brackets are weights (the default) or text. */
  weighting?: "on" | "off";
  /** Words that vectors stand for. */
  embeddings?: readonly TokenEmbedding[];
}

/** Tokens that stay together: one of the vocabulary's, or all the vectors of one word. */
interface TokenGroup {
  weight: number;
  ids: readonly number[];
  /** As many as there are ids, where the word has vectors. */
  vectors?: readonly Float32Array[];
  /** The word that the vectors stand for. */
  word?: string;
}

/** Stands where a vector replaces a token: an id that no encoder takes for the end of the prompt. */
const placeholder = 0;

function groupsOf(
  tokenizer: ClipTokenizer,
  encoder: number,
  prompt: string,
  { weighting = "on", embeddings = [] }: PromptReading,
): TokenGroup[] {
  const parts = weighting === "on" ? parsePromptWeights(prompt) : [{ text: prompt, weight: 1 }];
  return parts.flatMap(({ text, weight }) =>
    findEmbeddings(text, embeddings).flatMap((piece): TokenGroup[] => {
      if ("text" in piece) return tokenizer.tokens(piece.text).map((id) => ({ weight, ids: [id] }));
      const own = piece.embedding.encoders[encoder];
      if (!own) return [];
      const vectors = Array.from({ length: own.count }, (_, at) =>
        own.values.subarray(at * own.width, (at + 1) * own.width),
      );
      return [{ weight, ids: vectors.map(() => placeholder), vectors, word: piece.embedding.word }];
    }),
  );
}

function chunkOf(tokenizer: ClipTokenizer, groups: readonly TokenGroup[]): PromptChunk {
  const capacity = tokenizer.length - 2;
  const tokens = groups
    .flatMap(({ weight, ids, vectors }) => ids.map((id, at) => ({ id, weight, vector: vectors?.[at] })))
    .slice(0, capacity);
  const weights = new Array<number>(tokenizer.length).fill(1);
  const vectors = new Map<number, Float32Array>();
  tokens.forEach(({ weight, vector }, at) => {
    weights[at + 1] = weight;
    if (vector) vectors.set(at + 1, vector);
  });
  return { ids: tokenizer.row(tokens.map(({ id }) => id)), weights, vectors };
}

/** The chunk of an empty prompt. */
export function emptyChunk(tokenizer: ClipTokenizer): PromptChunk {
  return chunkOf(tokenizer, []);
}

/** The words of groups, as far as they can be told. */
function textOf(tokenizer: ClipTokenizer, groups: readonly TokenGroup[]): string {
  const words: string[] = [];
  let plain: number[] = [];
  const flush = () => {
    if (plain.length > 0) words.push(tokenizer.text(plain));
    plain = [];
  };
  for (const { ids, word } of groups) {
    if (word === undefined) plain.push(...ids);
    else {
      flush();
      words.push(word);
    }
  }
  flush();
  return words.join(" ");
}

/**
 * Divides a prompt into chunks of as many tokens as a text encoder reads beside its start and end (75). The vectors of
 * one word stay in one chunk.
 * @param encoder which of the model's encoders it is for, from 0
 * @returns at least one chunk; `cut` has the words that were dropped, or is empty; `tokens` counts them all
 * @throws LimnerError `invalid-request` for a weight that is out of range
 */
export function chunkPrompt(
  tokenizer: ClipTokenizer,
  encoder: number,
  prompt: string,
  reading: PromptReading,
): { chunks: PromptChunk[]; cut: string; tokens: number } {
  const capacity = tokenizer.length - 2;
  const groups = groupsOf(tokenizer, encoder, prompt, reading);
  const rows: TokenGroup[][] = [[]];
  const beyond: TokenGroup[] = [];
  let total = 0;
  let filled = 0;
  for (const group of groups) {
    total += group.ids.length;
    if (total > capacity) beyond.push(group);
    if (filled + group.ids.length > capacity && filled > 0) {
      rows.push([]);
      filled = 0;
    }
    rows.at(-1)?.push(group);
    filled += group.ids.length;
  }
  return reading.longPrompts === "cut"
    ? { chunks: [chunkOf(tokenizer, groups)], cut: textOf(tokenizer, beyond), tokens: total }
    : { chunks: rows.map((row) => chunkOf(tokenizer, row)), cut: "", tokens: total };
}

/** The vectors that stand for a word in one text encoder: `values` is `[count, width]`, row by row. */
export interface TokenVectors {
  count: number;
  width: number;
  values: Float32Array;
}

/** A textual-inversion embedding: a word of the prompt that vectors stand for instead of the vocabulary's tokens. */
export interface TokenEmbedding {
  /** The word, as the prompt writes it; upper and lower case are one. */
  word: string;
  /** One entry a text encoder, in the model's order; the same number of vectors in each. */
  encoders: readonly TokenVectors[];
}

/** A stretch of a prompt: text for the tokenizer, or a word that vectors stand for. */
export type PromptPiece = { text: string } | { embedding: TokenEmbedding };

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");

/**
 * Finds the words of embeddings in a text. A word inside a longer one does not count; of two that begin at the same
 * place the longer one does.
 */
export function findEmbeddings(text: string, embeddings: readonly TokenEmbedding[]): PromptPiece[] {
  if (embeddings.length === 0) return [{ text }];
  const byWord = new Map(embeddings.map((one) => [one.word.toLowerCase(), one]));
  const words = [...byWord.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${words.join("|")})(?![\\p{L}\\p{N}_-])`, "giu");
  const pieces: PromptPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const embedding = byWord.get(match[0].toLowerCase());
    if (!embedding) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ embedding });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

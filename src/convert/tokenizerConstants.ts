import type { ClipTokenizer } from "./tokenizerFiles.ts";

/** Strings as openvino_tokenizers packs them: where each begins and ends, and all their bytes. */
export interface PackedStrings {
  readonly begins: Int32Array;
  readonly ends: Int32Array;
  readonly bytes: Uint8Array;
}

/** Packs strings of bytes. */
export function packStrings(strings: readonly Uint8Array[]): PackedStrings {
  const begins = new Int32Array(strings.length);
  const ends = new Int32Array(strings.length);
  const bytes = new Uint8Array(strings.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  strings.forEach((text, index) => {
    begins[index] = position;
    bytes.set(text, position);
    position += text.length;
    ends[index] = position;
  });
  return { begins, ends, bytes };
}

/**
 * The byte that each of GPT-2's 256 symbols stands for: printable bytes stand for themselves, the others are shifted
 * past 255 in order.
 */
function bytesOfSymbols(): Map<string, number> {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  const symbols = new Map<string, number>();
  let shifted = 256;
  for (let byte = 0; byte < 256; byte++)
    symbols.set(String.fromCodePoint(printable(byte) ? byte : shifted++), byte);
  return symbols;
}

const symbolBytes = bytesOfSymbols();

/** The bytes that a token of the vocabulary stands for. */
export function tokenBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const symbol of token) {
    const byte = symbolBytes.get(symbol);
    if (byte === undefined) return new TextEncoder().encode(token);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The vocabulary's tokens by number. A number that no token has stands for an empty one. */
export function tokensInOrder({ vocabulary }: ClipTokenizer): string[] {
  let count = 0;
  for (const id of vocabulary.values()) count = Math.max(count, id + 1);
  const tokens: string[] = Array.from({ length: count }, () => "");
  for (const [token, id] of vocabulary) tokens[id] = token;
  return tokens;
}

/** The tokens that are not made of text: start, end and padding, with their numbers, in order of number. */
export function specialTokens(tokenizer: ClipTokenizer): { token: string; id: number }[] {
  const { startToken, endToken, padToken, vocabulary } = tokenizer;
  const unique = new Set([startToken, endToken, padToken]);
  return [...unique]
    .map((token) => ({ token, id: vocabulary.get(token) ?? 0 }))
    .sort((one, other) => one.id - other.id);
}

/** A pattern that matches the special tokens and nothing else, every punctuation mark escaped. */
export function specialTokenPattern(tokenizer: ClipTokenizer): string {
  const { startToken, endToken, padToken } = tokenizer;
  const escaped = [...new Set([startToken, endToken, padToken])].map((token) =>
    token.replace(/[^\w\s]/g, (character) => `\\${character}`),
  );
  return `(${escaped.join("|")})`;
}

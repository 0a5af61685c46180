import { LimnerError } from "../protocol/limnerError.ts";

/** A part of a prompt with the weight that its words carry. */
export interface WeightedText {
  text: string;
  weight: number;
}

/** What one pair of round brackets multiplies by; square brackets divide by it. */
const bracketFactor = 1.1;

/** The largest weight, either way: what is beyond it is a slip of the keyboard and gives nothing but noise. */
const largestWeight = 100;

const pieces = /\\[\\()[\]]|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|[()[\]]|[^\\()[\]:]+|[\\:]/gu;

function checkedWeight(number: string, prompt: string): number {
  const weight = Number(number);
  if (Math.abs(weight) <= largestWeight) return weight;
  throw new LimnerError(
    "invalid-request",
    `The weight ${number} in "${prompt.length > 80 ? `${prompt.slice(0, 80)}…` : prompt}" is not possible: weights go ` +
      `from -${largestWeight} to ${largestWeight}. Write \\( and \\) for brackets that are no weight.`,
  );
}

/**
 * Reads the weights of a prompt as Stable Diffusion WebUI writes them: `(word)` weighs 1.1 times as much, `[word]`
 * 1/1.1 times, `(word:1.3)` 1.3 times; brackets inside brackets multiply, and `\(`, `\)`, `\[`, `\]`, `\\` stand for
 * themselves. A bracket that is never closed reaches to the end; one that was never opened stands for itself.
 * @returns the parts in order, neighbors of equal weight joined; one empty part for an empty prompt
 * @throws LimnerError `invalid-request` for a weight beyond 100
 */
export function parsePromptWeights(prompt: string): WeightedText[] {
  const parts: WeightedText[] = [];
  // The first part inside each open bracket. The two kinds do not see each other, there as here.
  const round: number[] = [];
  const square: number[] = [];
  const multiply = (first: number, factor: number) => {
    for (const part of parts.slice(first)) part.weight *= factor;
  };
  const write = (text: string) => parts.push({ text, weight: 1 });

  for (const [piece, number] of prompt.matchAll(pieces)) {
    const closed = piece.endsWith(")") && !piece.startsWith("\\") ? round.at(-1) : undefined;
    if (piece === "(") round.push(parts.length);
    else if (piece === "[") square.push(parts.length);
    else if (closed !== undefined) {
      multiply(closed, number === undefined ? bracketFactor : checkedWeight(number, prompt));
      round.pop();
    } else if (piece === "]" && square.length > 0) multiply(square.pop() ?? 0, 1 / bracketFactor);
    else write(piece.length > 1 && piece.startsWith("\\") ? piece.slice(1) : piece);
  }
  for (const first of round) multiply(first, bracketFactor);
  for (const first of square) multiply(first, 1 / bracketFactor);

  const joined: WeightedText[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.weight === part.weight) last.text += part.text;
    else joined.push({ ...part });
  }
  return joined.length === 0 ? [{ text: "", weight: 1 }] : joined;
}

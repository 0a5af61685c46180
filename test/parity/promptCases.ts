// Token ids against transformers' tokenizers, and prompt embeddings against a recomputation with transformers, whose
// formulas stand in test/reference/make_conditioning_fixtures.py.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClipTokenizer } from "../../src/conditioning/clipTokenizer.ts";
import {
  embedPrompts,
  type PromptEmbedding,
  type PromptEmbeddings,
} from "../../src/conditioning/promptEmbeddings.ts";
import { readEmbeddings } from "../../src/models/embeddingFiles.ts";
import { relativeDifference, worst } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";
import type { TinyModels } from "./tinyModels.ts";

const fixtures = "test/fixtures/conditioning";

interface StoredEmbedding {
  states: string;
  pooled: string;
}
export interface WeightedCase {
  name: string;
  prompt: string;
  parts: [text: string, weight: number][];
  chunks: number;
  positive: StoredEmbedding;
  negativePrompt?: string;
  negative?: StoredEmbedding;
}
export interface EmbeddingCase extends StoredEmbedding {
  file: string;
  prompt: string;
}

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const index: { weighted: WeightedCase[]; embeddings: EmbeddingCase[] } = readJson(
  join(fixtures, "index.json"),
);

/** Prompts with weights, and of several chunks. */
export const weightedCases = index.weighted;

/** Prompts with the word of a textual-inversion embedding. */
export const embeddingCases = index.embeddings;

function difference(embedding: PromptEmbedding | undefined, { states, pooled }: StoredEmbedding): number {
  const floats = (file: string) => readFloats(join(fixtures, file)).data;
  return worst(
    relativeDifference(embedding?.hiddenStates.data ?? [], floats(states)),
    relativeDifference(embedding?.pooled.data ?? [], floats(pooled)),
  );
}

/** The embeddings of prompts by the tiny model, guided, an absent negative prompt as zeros. */
export function embed(
  prompts: Parameters<typeof embedPrompts>[1],
  models: TinyModels,
): Promise<PromptEmbeddings> {
  const { promptEncoders } = models.model("tiny-sdxl").pipeline;
  return embedPrompts(promptEncoders, prompts, { guidance: true, zeroAbsentNegative: true });
}

/** How far the embeddings of both prompts are from the reference's; an absent negative prompt must be zeros. */
export async function compareWeighted(entry: WeightedCase, models: TinyModels): Promise<number> {
  const { prompt, negativePrompt } = entry;
  const { positive, negative } = await embed({ prompt, negativePrompt }, models);
  const ofPositive = difference(positive, entry.positive);
  if (entry.negative) return worst(ofPositive, difference(negative, entry.negative));
  const zeros = negative?.hiddenStates.data.every((value) => value === 0);
  return zeros ? ofPositive : Number.POSITIVE_INFINITY;
}

/** How far the embedding of a prompt with an embedding's word is from the reference's. */
export async function compareEmbedding(entry: EmbeddingCase, models: TinyModels): Promise<number> {
  const embeddings = await readEmbeddings([join(fixtures, entry.file)], models.model("tiny-sdxl").folder);
  const { positive } = await embed({ prompt: entry.prompt, embeddings }, models);
  return difference(positive, entry);
}

/** A text with transformers' ids by CLIP-L's tokenizer, and OpenCLIP's where they differ. */
export interface TokenCase {
  text: string;
  ids: number[];
  ids2?: number[];
}
export const { strings: tokenCases }: { strings: TokenCase[] } = readJson(
  "test/fixtures/clip-tokenizer/ids.json",
);

/** One of SDXL's two tokenizers with CLIP's whole vocabulary; they differ in the token that fills up. */
export function clipTokenizer(padToken: string) {
  const vocabulary: unknown = readJson("models/clip-tokenizer/vocab.json");
  const merges = readFileSync("models/clip-tokenizer/merges.txt", "utf8");
  const config = { pad_token: padToken, model_max_length: 77 };
  return createClipTokenizer({ folder: "clip", config, vocabulary, merges }, 77);
}

/** Both tokenizers of SDXL. */
export const clipTokenizers = () => ({ first: clipTokenizer("<|endoftext|>"), second: clipTokenizer("!") });

/** The ids of a text by both tokenizers, and transformers'. */
export function tokenIds(
  { text, ids, ids2 }: TokenCase,
  { first, second }: ReturnType<typeof clipTokenizers>,
): { ours: number[][]; theirs: number[][] } {
  return {
    ours: [first.tokens(text), second.tokens(text)].map((tokens) => [...tokens]),
    theirs: [ids.slice(1, -1), (ids2 ?? ids).slice(1, -1)],
  };
}

import type { CompiledModel } from "../openvino/runtime.ts";
import { f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ClipTokenizer } from "./clipTokenizer.ts";
import { type EmbeddingCache, embeddingKey, type RememberedEmbeddings } from "./embeddingCache.ts";
import { chunkPrompt, emptyChunk, type PromptChunk, type PromptReading } from "./promptChunks.ts";
import { type EncodedText, encodeText } from "./textEncoder.ts";
import { weighStates } from "./weightedStates.ts";

/** A tokenizer with the means to run its text encoder. */
export interface PromptEncoder {
  tokenizer: ClipTokenizer;
  /** Runs a task with the encoder in memory; it may be dropped afterwards. The signal ends the wait for it. */
  use<T>(task: (model: CompiledModel) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same with an encoder that has the `vectorInputs` too, for prompts with embeddings. */
  useWithVectors<T>(task: (model: CompiledModel) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** The prompts of a request and how they are read. An absent negative prompt is not an empty one. */
export interface Prompts extends PromptReading {
  prompt: string;
  prompt2?: string;
  negativePrompt?: string;
  negativePrompt2?: string;
  /** Layers of the text encoders to skip, for the positive prompt only, in diffusers' counting (default: 0). */
  clipSkip?: number;
}

/** What the UNet is told about a prompt. */
export interface PromptEmbedding {
  /** `[1, tokens, widths of all encoders]` */
  hiddenStates: TensorOf<"f32">;
  /** `[1, projection of the last encoder]` */
  pooled: TensorOf<"f32">;
}

/** Where embeddings are remembered, and what tells the encoders and how they are run from all others. */
export interface PromptMemory {
  cache: EmbeddingCache<PromptEmbedding>;
  model: string;
}

/** `negative` only where guidance is on. */
export interface PromptEmbeddings extends RememberedEmbeddings<PromptEmbedding> {
  /** Sentences for the user, such as which words were cut. */
  warnings: string[];
}

/** Joins `[1, tokens, a]` and `[1, tokens, b]` to `[1, tokens, a + b]`. */
function joinHiddenStates(parts: readonly TensorOf<"f32">[]): TensorOf<"f32"> {
  const tokens = parts[0]?.shape[1] ?? 0;
  const widths = parts.map((part) => part.shape[2] ?? 0);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const joined = new Float32Array(tokens * width);
  let start = 0;
  parts.forEach((part, index) => {
    const own = widths[index] ?? 0;
    if (part.shape[1] !== tokens) {
      throw new LimnerError(
        "model-unsupported",
        `The text encoders read ${tokens} and ${part.shape[1]} tokens; SDXL needs as many for both.`,
      );
    }
    for (let token = 0; token < tokens; token++) {
      joined.set(part.data.subarray(token * own, (token + 1) * own), token * width + start);
    }
    start += own;
  });
  return f32([1, tokens, width], joined);
}

function zerosLike(tensor: TensorOf<"f32">): TensorOf<"f32"> {
  return f32(tensor.shape, new Float32Array(tensor.data.length));
}

/** Joins `[1, tokens, width]` of several chunks to `[1, tokens of all, width]`. */
function joinChunks(parts: readonly TensorOf<"f32">[]): TensorOf<"f32"> {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? f32([1, 0, 0], []);
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let start = 0;
  for (const part of parts) {
    joined.set(part.data, start);
    start += part.data.length;
  }
  return f32([1, joined.length / (first.shape[2] ?? 1), first.shape[2] ?? 0], joined);
}

/** Encodes the chunks of a prompt, weighs their states and joins them. The pooled output is the first chunk's. */
async function encodeChunks(
  model: CompiledModel,
  chunks: readonly PromptChunk[],
  options: { clipSkip?: number; signal?: AbortSignal },
): Promise<EncodedText> {
  const states: TensorOf<"f32">[] = [];
  let pooled: TensorOf<"f32"> | undefined;
  for (const { ids, weights, vectors } of chunks) {
    const text = await encodeText(model, ids, { ...options, vectors });
    states.push(weighStates(text.hiddenStates, weights));
    pooled ??= text.pooled;
  }
  return { hiddenStates: joinChunks(states), ...(pooled ? { pooled } : {}) };
}

/** The hidden states of all encoders side by side, and the pooled output of the last. */
function joinEncoders(texts: readonly EncodedText[]): PromptEmbedding {
  const pooled = texts.at(-1)?.pooled;
  if (!pooled) {
    throw new LimnerError(
      "model-unsupported",
      "The last text encoder gives no text_embeds, which SDXL needs. Is this a Stable Diffusion XL model?",
    );
  }
  return { hiddenStates: joinHiddenStates(texts.map((text) => text.hiddenStates)), pooled };
}

/** The chunks of one prompt for each encoder. */
function chunksOf(
  encoders: readonly PromptEncoder[],
  texts: readonly string[],
  name: string,
  reading: PromptReading,
  warnings: string[],
): PromptChunk[][] {
  return encoders.map(({ tokenizer }, index) => {
    const { chunks, cut } = chunkPrompt(tokenizer, index, texts[index] ?? "", reading);
    const warning = `The ${name} is longer than ${tokenizer.length - 2} tokens: "${cut}" was left out.`;
    if (cut && !warnings.includes(warning)) warnings.push(warning);
    return chunks;
  });
}

/** Runs every encoder on the chunks of both prompts. Without chunks for the negative prompt, it is not encoded. */
async function encodeAll(
  encoders: readonly PromptEncoder[],
  positiveChunks: readonly PromptChunk[][],
  negativeChunks: readonly PromptChunk[][],
  { clipSkip, signal }: { clipSkip?: number; signal?: AbortSignal },
): Promise<{ positive: PromptEmbedding; negative?: PromptEmbedding }> {
  const count = Math.max(...[...positiveChunks, ...negativeChunks].map((chunks) => chunks.length));
  const encodeNegative = negativeChunks.length > 0;
  const positive: EncodedText[] = [];
  const negative: EncodedText[] = [];
  for (const [index, encoder] of encoders.entries()) {
    const filled = (chunks: readonly PromptChunk[] = []) =>
      Array.from({ length: count }, (_, at) => chunks[at] ?? emptyChunk(encoder.tokenizer));
    const forPositive = filled(positiveChunks[index]);
    const forNegative = filled(negativeChunks[index]);
    const encode = async (model: CompiledModel) => {
      positive.push(await encodeChunks(model, forPositive, { clipSkip, signal }));
      if (encodeNegative) negative.push(await encodeChunks(model, forNegative, { signal }));
    };
    const hasVectors = [...forPositive, ...forNegative].some(({ vectors }) => vectors.size > 0);
    await (hasVectors ? encoder.useWithVectors(encode, signal) : encoder.use(encode, signal));
  }
  return {
    positive: joinEncoders(positive),
    ...(encodeNegative ? { negative: joinEncoders(negative) } : {}),
  };
}

/**
 * The embeddings of a request's prompts, as diffusers' `encode_prompt` makes them where prompts are cut and not
 * weighted. Longer prompts are read in chunks; both encoders, and both prompts, get as many chunks as the longest
 * has, the missing ones those of an empty prompt.
 * @param encoders the model's text encoders in order: two for a base model, one for a refiner
 * @param options.guidance whether the negative prompt is needed
 * @param options.zeroAbsentNegative the model's `force_zeros_for_empty_prompt`: zeros for an absent negative prompt
 * @param options.memory where embeddings are remembered: a repeat runs no encoder
 * @throws LimnerError `invalid-request` for a weight or a clip skip that is not possible
 */
export async function embedPrompts(
  encoders: readonly PromptEncoder[],
  prompts: Prompts,
  options: {
    guidance: boolean;
    zeroAbsentNegative: boolean;
    signal?: AbortSignal;
    memory?: PromptMemory;
  },
): Promise<PromptEmbeddings> {
  const zeroNegative = prompts.negativePrompt === undefined && options.zeroAbsentNegative;
  const encodeNegative = options.guidance && !zeroNegative;
  const negativePrompt = prompts.negativePrompt ?? "";
  const { clipSkip } = prompts;
  const { signal, memory } = options;
  const warnings: string[] = [];
  // diffusers takes an empty second prompt for an absent one (`prompt_2 or prompt`). A refiner reads the first.
  const positives = [prompts.prompt, prompts.prompt2 || prompts.prompt];
  const negatives = [negativePrompt, prompts.negativePrompt2 || negativePrompt];
  const positiveChunks = chunksOf(encoders, positives, "prompt", prompts, warnings);
  const negativeChunks = encodeNegative
    ? chunksOf(encoders, negatives, "negative prompt", prompts, warnings)
    : [];
  const key =
    memory &&
    embeddingKey({
      model: memory.model,
      clipSkip: clipSkip ?? 0,
      positive: positiveChunks,
      negative: negativeChunks,
      guidance: options.guidance,
    });
  const known = key === undefined ? undefined : memory?.cache.get(key);
  if (known) return { ...known, warnings };
  const encoded = await encodeAll(encoders, positiveChunks, negativeChunks, { clipSkip, signal });
  const { positive } = encoded;
  const zeros = () => ({
    hiddenStates: zerosLike(positive.hiddenStates),
    pooled: zerosLike(positive.pooled),
  });
  const embeddings = options.guidance ? { positive, negative: encoded.negative ?? zeros() } : { positive };
  if (key !== undefined) memory?.cache.set(key, embeddings);
  return { ...embeddings, warnings };
}

import type { CompiledModel } from "../openvino/runtime.ts";
import { f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { ClipTokenizer } from "./clipTokenizer.ts";
import { type EncodedText, encodeText } from "./textEncoder.ts";

/** A tokenizer with the means to run its text encoder. */
export interface PromptEncoder {
  tokenizer: ClipTokenizer;
  /** Runs a task with the encoder in memory; it may be dropped afterwards. */
  use<T>(task: (model: CompiledModel) => Promise<T>): Promise<T>;
}

/** The prompts of a request. An absent negative prompt is not an empty one. */
export interface Prompts {
  prompt: string;
  prompt2?: string;
  negativePrompt?: string;
  negativePrompt2?: string;
}

/** What the UNet is told about a prompt. */
export interface PromptEmbedding {
  /** `[1, tokens, widths of all encoders]` */
  hiddenStates: TensorOf<"f32">;
  /** `[1, projection of the last encoder]` */
  pooled: TensorOf<"f32">;
}

export interface PromptEmbeddings {
  positive: PromptEmbedding;
  /** Only where guidance is on. */
  negative?: PromptEmbedding;
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

/**
 * The embeddings of a request's prompts, as diffusers' `encode_prompt` makes them: the hidden states of all encoders
 * side by side, pooled output of the last.
 * @param encoders the model's text encoders in order: two for a base model, one for a refiner
 * @param options.guidance whether the negative prompt is needed
 * @param options.zeroAbsentNegative the model's `force_zeros_for_empty_prompt`: zeros for an absent negative prompt
 */
export async function embedPrompts(
  encoders: readonly PromptEncoder[],
  prompts: Prompts,
  options: { guidance: boolean; zeroAbsentNegative: boolean; signal?: AbortSignal },
): Promise<PromptEmbeddings> {
  const zeroNegative = prompts.negativePrompt === undefined && options.zeroAbsentNegative;
  const encodeNegative = options.guidance && !zeroNegative;
  const negativePrompt = prompts.negativePrompt ?? "";
  // diffusers takes an empty second prompt for an absent one (`prompt_2 or prompt`).
  const positives = [prompts.prompt, prompts.prompt2 || prompts.prompt];
  const negatives = [negativePrompt, prompts.negativePrompt2 || negativePrompt];

  const positive: EncodedText[] = [];
  const negative: EncodedText[] = [];
  const warnings: string[] = [];
  for (const [index, encoder] of encoders.entries()) {
    const tokenize = (text: string | undefined, name: string) => {
      const { ids, cut } = encoder.tokenizer.encode(text ?? "");
      const limit = encoder.tokenizer.length - 2;
      const warning = `The ${name} is longer than ${limit} tokens: "${cut}" was left out.`;
      if (cut && !warnings.includes(warning)) warnings.push(warning);
      return ids;
    };
    const positiveIds = tokenize(positives[index], "prompt");
    const negativeIds = encodeNegative ? tokenize(negatives[index], "negative prompt") : undefined;
    await encoder.use(async (model) => {
      positive.push(await encodeText(model, positiveIds, options.signal));
      if (negativeIds) negative.push(await encodeText(model, negativeIds, options.signal));
    });
  }

  const join = (texts: readonly EncodedText[]): PromptEmbedding => {
    const pooled = texts.at(-1)?.pooled;
    if (!pooled) {
      throw new LimnerError(
        "model-unsupported",
        "The last text encoder gives no text_embeds, which SDXL needs. Is this a Stable Diffusion XL model?",
      );
    }
    return { hiddenStates: joinHiddenStates(texts.map((text) => text.hiddenStates)), pooled };
  };
  const joined = join(positive);
  if (!options.guidance) return { positive: joined, warnings };
  if (encodeNegative) return { positive: joined, negative: join(negative), warnings };
  return {
    positive: joined,
    negative: { hiddenStates: zerosLike(joined.hiddenStates), pooled: zerosLike(joined.pooled) },
    warnings,
  };
}

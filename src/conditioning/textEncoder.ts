import type { CompiledModel } from "../openvino/runtime.ts";
import { f32, i64, type Tensor, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** What SDXL takes from one text encoder for one prompt. */
export interface EncodedText {
  /** The hidden states before the last layer, without the final layer norm: `[1, tokens, width]`. */
  hiddenStates: TensorOf<"f32">;
  /** The projected state of the end token, `[1, projection]`: from encoders with a projection only. */
  pooled?: TensorOf<"f32">;
}

/** The inputs that a text encoder has where vectors can replace tokens (textual inversion). */
export const vectorInputs = {
  /** f32 `[1, tokens, width]`: what replaces a token's own vector. */
  vectors: "token_vectors",
  /** boolean `[1, tokens, 1]`: where it does. */
  mask: "token_vector_mask",
} as const;

/** How a text is to be encoded. */
export interface EncodeOptions {
  /** Layers to go back from the penultimate one, in diffusers' counting (0: none). */
  clipSkip?: number;
  /** Vectors that replace tokens, by position: for a model that has the `vectorInputs`. */
  vectors?: ReadonlyMap<number, Float32Array>;
  signal?: AbortSignal;
}

function floats(tensor: { type: string } & object, output: string): TensorOf<"f32"> {
  const candidate = tensor as TensorOf<"f32">;
  if (candidate.type !== "f32") {
    throw new LimnerError(
      "model-unsupported",
      `The text encoder's output ${output} is ${candidate.type}; f32 is needed. Export the model again.`,
    );
  }
  return candidate;
}

/** The output that has the hidden states `clipSkip` layers before the penultimate. */
function hiddenStatesOutput(model: CompiledModel, clipSkip: number): string {
  const states = model.outputs
    .map((port) => ({ name: port.name, layer: /^hidden_states\.(\d+)$/.exec(port.name)?.[1] }))
    .filter((state) => state.layer !== undefined)
    .sort((a, b) => Number(a.layer) - Number(b.layer));
  const chosen = states.at(-2 - clipSkip);
  if (chosen) return chosen.name;
  if (states.length < 2) {
    throw new LimnerError(
      "model-unsupported",
      "The text encoder gives no hidden states, which SDXL needs. Export it again with Optimum Intel.",
    );
  }
  throw new LimnerError(
    "invalid-request",
    `The clip skip ${clipSkip} is not possible: the largest for this model's text encoders is ${states.length - 2}.`,
  );
}

function vectorTensors(
  model: CompiledModel,
  tokens: number,
  vectors: ReadonlyMap<number, Float32Array>,
): Record<string, Tensor> {
  const width = model.inputs.find((port) => port.name === vectorInputs.vectors)?.shape?.[2];
  if (width === undefined) return {};
  const values = new Float32Array(tokens * width);
  const mask = new Uint8Array(tokens);
  for (const [position, vector] of vectors) {
    values.set(vector, position * width);
    mask[position] = 1;
  }
  return {
    [vectorInputs.vectors]: f32([1, tokens, width], values),
    [vectorInputs.mask]: { type: "boolean", shape: [1, tokens, 1], data: mask },
  };
}

/**
 * Runs a text encoder as Optimum Intel exports it (outputs `hidden_states.N` in order, `text_embeds` where it has a
 * projection).
 * @param ids token ids of one prompt, start, end and padding included
 * @throws LimnerError `model-unsupported` when the model was exported without its hidden states, `invalid-request`
 *   when the encoder has fewer layers than are to be skipped
 */
export async function encodeText(
  model: CompiledModel,
  ids: readonly number[],
  { clipSkip = 0, vectors = new Map(), signal }: EncodeOptions = {},
): Promise<EncodedText> {
  const statesName = hiddenStatesOutput(model, clipSkip);
  const pooledName = model.outputs.some((port) => port.name === "text_embeds") ? "text_embeds" : undefined;
  const request = model.createInferRequest();
  try {
    const outputs = await request.infer(
      { input_ids: i64([1, ids.length], ids), ...vectorTensors(model, ids.length, vectors) },
      { signal, outputs: pooledName ? [statesName, pooledName] : [statesName] },
    );
    const hidden = outputs[statesName];
    const pooled = pooledName ? outputs[pooledName] : undefined;
    if (!hidden) throw new Error(`the runtime returned no ${statesName}`);
    return {
      hiddenStates: floats(hidden, statesName),
      ...(pooled ? { pooled: floats(pooled, "text_embeds") } : {}),
    };
  } finally {
    request.dispose();
  }
}

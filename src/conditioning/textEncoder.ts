import type { CompiledModel } from "../openvino/runtime.ts";
import { i64, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** What SDXL takes from one text encoder for one prompt. */
export interface EncodedText {
  /** The hidden states before the last layer, without the final layer norm: `[1, tokens, width]`. */
  hiddenStates: TensorOf<"f32">;
  /** The projected state of the end token, `[1, projection]`: from encoders with a projection only. */
  pooled?: TensorOf<"f32">;
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

/**
 * Runs a text encoder as Optimum Intel exports it (outputs `hidden_states.N` in order, `text_embeds` where it has a
 * projection).
 * @param ids token ids of one prompt, start, end and padding included
 * @throws LimnerError `model-unsupported` when the model was exported without its hidden states
 */
export async function encodeText(
  model: CompiledModel,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<EncodedText> {
  const states = model.outputs
    .map((port) => ({ name: port.name, layer: /^hidden_states\.(\d+)$/.exec(port.name)?.[1] }))
    .filter((state) => state.layer !== undefined)
    .sort((a, b) => Number(a.layer) - Number(b.layer));
  const penultimate = states.at(-2);
  if (!penultimate) {
    throw new LimnerError(
      "model-unsupported",
      "The text encoder gives no hidden states, which SDXL needs. Export it again with Optimum Intel.",
    );
  }
  const pooledName = model.outputs.some((port) => port.name === "text_embeds") ? "text_embeds" : undefined;
  const request = model.createInferRequest();
  try {
    const outputs = await request.infer(
      { input_ids: i64([1, ids.length], ids) },
      { signal, outputs: pooledName ? [penultimate.name, pooledName] : [penultimate.name] },
    );
    const hidden = outputs[penultimate.name];
    const pooled = pooledName ? outputs[pooledName] : undefined;
    if (!hidden) throw new Error(`the runtime returned no ${penultimate.name}`);
    return {
      hiddenStates: floats(hidden, penultimate.name),
      ...(pooled ? { pooled: floats(pooled, "text_embeds") } : {}),
    };
  } finally {
    request.dispose();
  }
}

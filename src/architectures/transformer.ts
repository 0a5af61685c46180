import type { Value } from "../graph/operations.ts";
import { attention } from "./attention.ts";
import type { Layers } from "./layers.ts";
import type { Feature } from "./resnet.ts";

/** diffusers' `Transformer2DModel` and what its blocks look at. */
export interface TransformerOptions {
  readonly depth: number;
  readonly heads: number;
  readonly groups: number;
  readonly linearProjection: boolean;
  /** The text: `[batch, tokens, width]`. */
  readonly context: { readonly value: Value; readonly width: number };
}

/** The norms inside transformers do not follow the UNet's `norm_eps`. */
const epsilons = { entry: 1e-6, block: 1e-5 } as const;

/** How much wider the middle of a block's feed-forward part is. */
const feedForwardFactor = 4;

/** Lets every pixel attend to all others and to the text, `depth` times. */
export function transformer(
  layers: Layers,
  x: Feature,
  module: string,
  options: TransformerOptions,
): Feature {
  const { channels } = x;
  const { depth, groups, linearProjection } = options;
  const norm = { channels, groups, epsilon: epsilons.entry };
  const normal = layers.groupNorm(x.value, `${module}.norm`, norm);
  const ends = { inputs: channels, outputs: channels, bias: true };
  const kernel = { ...ends, size: 1, before: 0, after: 0 };
  const entered = linearProjection ? normal : layers.convolution(normal, `${module}.proj_in`, kernel);
  const { tokens, image } = layers.tokens(entered, channels);
  let hidden = linearProjection ? layers.linear(tokens, `${module}.proj_in`, ends) : tokens;
  for (let index = 0; index < depth; index += 1)
    hidden = block(layers, hidden, `${module}.transformer_blocks.${index}`, channels, options);
  const left = linearProjection
    ? image(layers.linear(hidden, `${module}.proj_out`, ends))
    : layers.convolution(image(hidden), `${module}.proj_out`, kernel);
  return { value: layers.plus(left, x.value, module), channels };
}

/** diffusers' `BasicTransformerBlock` on tokens `[batch, tokens, width]`. */
function block(
  layers: Layers,
  tokens: Value,
  module: string,
  width: number,
  { heads, context }: TransformerOptions,
): Value {
  const own = { value: undefined, width };
  const first = layers.layerNorm(tokens, `${module}.norm1`, width, epsilons.block);
  const seen = layers.plus(blockAttention(layers, first, `${module}.attn1`, width, heads, own), tokens);
  const second = layers.layerNorm(seen, `${module}.norm2`, width, epsilons.block);
  const read = layers.plus(blockAttention(layers, second, `${module}.attn2`, width, heads, context), seen);
  const third = layers.layerNorm(read, `${module}.norm3`, width, epsilons.block);
  return layers.plus(feedForward(layers, third, `${module}.ff.net`, width), read, module);
}

/** @param looked what is attended to; the tokens themselves where there is no value */
function blockAttention(
  layers: Layers,
  tokens: Value,
  module: string,
  width: number,
  heads: number,
  looked: { readonly value: Value | undefined; readonly width: number },
): Value {
  const to = { inputs: looked.width, outputs: width, bias: false };
  const query = layers.linear(tokens, `${module}.to_q`, { inputs: width, outputs: width, bias: false });
  const key = layers.linear(looked.value ?? tokens, `${module}.to_k`, to);
  const value = layers.linear(looked.value ?? tokens, `${module}.to_v`, to);
  const attended = attention(layers, [query, key, value], { heads, headWidth: width / heads }, module);
  return layers.linear(attended, `${module}.to_out.0`, { inputs: width, outputs: width, bias: true });
}

/** A linear layer, GEGLU (the first half times gelu of the second) and a linear layer. */
function feedForward(layers: Layers, tokens: Value, module: string, width: number): Value {
  const inner = width * feedForwardFactor;
  const both = layers.linear(tokens, `${module}.0.proj`, { inputs: width, outputs: 2 * inner, bias: true });
  const [signal, gate] = layers.graph.addMany(
    "VariadicSplit",
    [both, layers.integers(-1), layers.integers([inner, inner])],
    {},
    2,
    `${module}.0/halves`,
  );
  const opened = layers.activation(gate ?? both, "gelu");
  const gated = layers.graph.add("Multiply", [signal, opened], {}, `${module}.0`);
  return layers.linear(gated, `${module}.2`, { inputs: inner, outputs: width, bias: true });
}

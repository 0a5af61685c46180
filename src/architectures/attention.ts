import type { Value } from "../graph/operations.ts";
import type { Layers } from "./layers.ts";

/** How attention divides its width: `heads` times `headWidth`. */
export interface Heads {
  readonly heads: number;
  readonly headWidth: number;
  /** Which token sees which, where not all see all: boolean, broadcast to `[batch, heads, tokens, other tokens]`. */
  readonly mask?: Value;
}

/**
 * Scaled dot-product attention, as one operation that plugins run without holding the scores of all pairs of tokens;
 * the scale is 1/√headWidth.
 * @param query `[batch, tokens, heads · headWidth]`
 * @param key `[batch, other tokens, heads · headWidth]`
 * @param value as `key`
 * @returns `[batch, tokens, heads · headWidth]`
 */
export function attention(
  layers: Layers,
  [query, key, value]: readonly [Value, Value, Value],
  { heads, headWidth, mask }: Heads,
  name: string,
): Value {
  const split = (x: Value): Value =>
    layers.transpose(layers.reshape(x, [0, 0, heads, headWidth]), [0, 2, 1, 3]);
  const all = [split(query), split(key), split(value)] as const;
  const attended = layers.graph.add(
    "ScaledDotProductAttention",
    mask === undefined ? all : [...all, mask],
    { causal: false },
    name,
  );
  return layers.reshape(layers.transpose(attended, [0, 2, 1, 3]), [0, 0, heads * headWidth]);
}

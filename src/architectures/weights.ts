import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/operations.ts";

/**
 * What a weight is for, which decides how it may be stored: the matrix of a linear layer `[outputs, inputs]`, the
 * kernel of a convolution `[outputs, inputs, height, width]`, the rows of an embedding `[count, width]`, the scale
 * or shift of a norm, the bias of a linear layer or a convolution, any other table of numbers.
 */
export type WeightRole = "linear" | "convolution" | "embedding" | "norm" | "bias" | "table";

/**
 * Where a network's weights come from. Names are those of diffusers and transformers. How a weight is stored (plain,
 * compressed, quantized) is the source's decision; the network only sees a tensor of type f32.
 */
export interface WeightSource {
  has(name: string): boolean;
  /** The shape of a weight that is there. */
  shape(name: string): readonly number[];
  /**
   * Adds a weight to the graph and gives its values.
   * @param graph what is being built
   * @param name a weight that is there
   * @param shape the shape in which the graph takes the values: the weight's own, or one with more dimensions of
   *   size 1 (`[1, channels, 1, 1]` for a bias `[channels]`)
   * @returns a tensor of type f32 and of the shape that is asked for
   */
  weight(graph: GraphBuilder, name: string, role: WeightRole, shape: readonly number[]): Value;
}

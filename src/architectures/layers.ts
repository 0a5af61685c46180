import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/operations.ts";
import { ArchitectureError } from "./architectureError.ts";
import type { WeightRole, WeightSource } from "./weights.ts";

/** The two ends of a linear layer or a convolution, and whether it has a bias. */
export interface Ends {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
}

/** A square kernel that takes every `stride`-th place, with rows and columns of zeros around the image. */
export interface Kernel extends Ends {
  readonly size: number;
  readonly stride?: number;
  /** At the top and at the left. */
  readonly before: number;
  /** At the bottom and at the right. */
  readonly after: number;
}

/** The activations of SDXL's networks; `silu` is x · sigmoid(x), `quick_gelu` is x · sigmoid(1.702 x). */
export type Activation = "silu" | "gelu" | "quick_gelu";

/** torch's layers as operations of a graph, with weights by the names of the modules that hold them. */
export class Layers {
  readonly graph: GraphBuilder;
  readonly #weights: WeightSource;
  readonly #integers = new Map<string, Value>();

  constructor(graph: GraphBuilder, weights: WeightSource) {
    this.graph = graph;
    this.#weights = weights;
  }

  /**
   * A weight of the shape that the configuration asks for.
   * @param seen the shape in which the graph takes it, where it is another one
   * @throws ArchitectureError where the checkpoint has no such weight or one of another shape
   */
  weight(name: string, role: WeightRole, shape: readonly number[], seen: readonly number[] = shape): Value {
    if (!this.#weights.has(name))
      throw new ArchitectureError(
        `The checkpoint has no tensor ${name}, which its configuration asks for. Download the model again, or check that its config.json belongs to it.`,
      );
    const found = this.#weights.shape(name);
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis]))
      throw new ArchitectureError(
        `The checkpoint's tensor ${name} has the shape [${found.join(", ")}], but its configuration asks for [${shape.join(", ")}]. Check that its config.json belongs to it.`,
      );
    return this.#weights.weight(this.graph, name, role, seen);
  }

  /** A list of integers, or a scalar; the same one is there once. */
  integers(values: readonly number[] | number): Value {
    const key = JSON.stringify(values);
    const known = this.#integers.get(key) ?? this.graph.i64(values);
    this.#integers.set(key, known);
    return known;
  }

  /** x · Wᵀ + b over the last axis of `[…, inputs]`; a bias is broadcast over the `rank` axes. */
  linear(x: Value, module: string, { inputs, outputs, bias }: Ends, rank = 3): Value {
    const matrix = this.weight(`${module}.weight`, "linear", [outputs, inputs]);
    const product = this.graph.add("MatMul", [x, matrix], { transpose_a: false, transpose_b: true }, module);
    if (!bias) return product;
    const seen = [...Array<number>(rank - 1).fill(1), outputs];
    return this.plus(product, this.weight(`${module}.bias`, "bias", [outputs], seen), `${module}/bias`);
  }

  /** A convolution of `[batch, inputs, height, width]`. */
  convolution(x: Value, module: string, { inputs, outputs, bias, ...kernel }: Kernel): Value {
    const { size, stride = 1, before, after } = kernel;
    const weight = this.weight(`${module}.weight`, "convolution", [outputs, inputs, size, size]);
    const product = this.graph.add(
      "Convolution",
      [x, weight],
      {
        strides: [stride, stride],
        dilations: [1, 1],
        pads_begin: [before, before],
        pads_end: [after, after],
        auto_pad: "explicit",
      },
      module,
    );
    if (!bias) return product;
    const shift = this.weight(`${module}.bias`, "bias", [outputs], [1, outputs, 1, 1]);
    return this.plus(product, shift, `${module}/bias`);
  }

  /** Normalizes groups of channels of `[batch, channels, …]`. */
  groupNorm(x: Value, module: string, norm: { channels: number; groups: number; epsilon: number }): Value {
    const scale = this.weight(`${module}.weight`, "norm", [norm.channels]);
    const shift = this.weight(`${module}.bias`, "norm", [norm.channels]);
    const attributes = { num_groups: norm.groups, epsilon: norm.epsilon };
    return this.graph.add("GroupNormalization", [x, scale, shift], attributes, module);
  }

  /** Normalizes the last axis of `[batch, tokens, width]`. */
  layerNorm(x: Value, module: string, width: number, epsilon: number): Value {
    const normal = this.graph.add(
      "MVN",
      [x, this.integers([-1])],
      { eps: epsilon, normalize_variance: true, eps_mode: "INSIDE_SQRT" },
      module,
    );
    const scale = this.weight(`${module}.weight`, "norm", [width], [1, 1, width]);
    const scaled = this.graph.add("Multiply", [normal, scale], {}, `${module}/scale`);
    return this.plus(
      scaled,
      this.weight(`${module}.bias`, "norm", [width], [1, 1, width]),
      `${module}/shift`,
    );
  }

  activation(x: Value, kind: Activation): Value {
    switch (kind) {
      case "silu":
        return this.graph.add("Swish", [x], {});
      case "gelu":
        return this.graph.add("Gelu", [x], { approximation_mode: "ERF" });
      case "quick_gelu":
        return this.graph.add("Swish", [x, this.graph.f32(1.702)], {});
    }
  }

  plus(a: Value, b: Value, name?: string): Value {
    return this.graph.add("Add", [a, b], {}, name);
  }

  /** Gives a tensor another shape; 0 keeps the dimension that is there, one -1 takes the rest. */
  reshape(x: Value, shape: readonly number[]): Value {
    return this.graph.add("Reshape", [x, this.integers(shape)], { special_zero: true });
  }

  transpose(x: Value, order: readonly number[]): Value {
    return this.graph.add("Transpose", [x, this.integers(order)], {});
  }

  /**
   * Image to tokens: `[batch, channels, height, width]` as `[batch, height · width, channels]`.
   * @returns the tokens, and what turns tokens of as many channels into an image again
   */
  tokens(x: Value, channels: number): { tokens: Value; image: (tokens: Value) => Value } {
    const last = this.transpose(x, [0, 2, 3, 1]);
    const tokens = this.reshape(last, [0, -1, channels]);
    return { tokens, image: (changed) => this.#image(changed, last) };
  }

  #image(tokens: Value, like: Value): Value {
    const shape = this.graph.add("ShapeOf", [like], { output_type: "i64" });
    const image = this.graph.add("Reshape", [tokens, shape], { special_zero: false });
    return this.transpose(image, [0, 3, 1, 2]);
  }
}

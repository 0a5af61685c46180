import type { ElementType } from "./elementType.ts";
import type { Source } from "./graph.ts";

/** A tensor while a graph is being built: an output of a node, and its type. */
export interface Value extends Source {
  readonly type: ElementType;
}

type Numbers = readonly number[];
type None = Readonly<Record<never, never>>;

interface Elementwise {
  inputs: readonly [Value, Value];
  attributes: { readonly auto_broadcast?: "numpy" | "none" };
}

interface Unary {
  inputs: readonly [Value];
  attributes: None;
}

interface Reduction {
  inputs: readonly [data: Value, axes: Value];
  attributes: { readonly keep_dims: boolean };
}

/**
 * Inputs and attributes of every operation that is built, by IR's own names: OpenVINO gives an attribute that it does
 * not find its default, so that a misspelt one would go unnoticed there.
 */
export interface Operations {
  Add: Elementwise;
  Subtract: Elementwise;
  Multiply: Elementwise;
  Divide: {
    inputs: readonly [Value, Value];
    attributes: { readonly auto_broadcast?: "numpy" | "none"; readonly m_pythondiv?: boolean };
  };
  Equal: Elementwise;
  Greater: Elementwise;
  Select: {
    inputs: readonly [condition: Value, then: Value, otherwise: Value];
    attributes: { readonly auto_broadcast?: "numpy" | "none" };
  };
  NonZero: { inputs: readonly [Value]; attributes: { readonly output_type: "i64" | "i32" } };
  Convert: { inputs: readonly [Value]; attributes: { readonly destination_type: ElementType } };
  Sin: Unary;
  Cos: Unary;
  Exp: Unary;
  Sqrt: Unary;
  Sigmoid: Unary;
  Gelu: { inputs: readonly [Value]; attributes: { readonly approximation_mode: "ERF" | "TANH" } };
  /** x · sigmoid(beta · x); without `beta` (a scalar) it is SiLU. */
  Swish: { inputs: readonly [x: Value] | readonly [x: Value, beta: Value]; attributes: None };
  SoftMax: { inputs: readonly [Value]; attributes: { readonly axis: number } };
  MatMul: {
    inputs: readonly [Value, Value];
    attributes: { readonly transpose_a: boolean; readonly transpose_b: boolean };
  };
  Convolution: {
    inputs: readonly [data: Value, kernel: Value];
    attributes: {
      readonly strides: Numbers;
      readonly dilations: Numbers;
      readonly pads_begin: Numbers;
      readonly pads_end: Numbers;
      readonly auto_pad: "explicit";
    };
  };
  GroupNormalization: {
    inputs: readonly [data: Value, scale: Value, bias: Value];
    attributes: { readonly num_groups: number; readonly epsilon: number };
  };
  MVN: {
    inputs: readonly [data: Value, axes: Value];
    attributes: {
      readonly eps: number;
      readonly normalize_variance: boolean;
      readonly eps_mode: "INSIDE_SQRT" | "OUTSIDE_SQRT";
    };
  };
  ScaledDotProductAttention: {
    /** query, key, value, then a mask and a scale where there are. */
    inputs:
      | readonly [Value, Value, Value]
      | readonly [Value, Value, Value, Value]
      | readonly [Value, Value, Value, Value, Value];
    attributes: { readonly causal: boolean };
  };
  Interpolate: {
    inputs: readonly [data: Value, scalesOrSizes: Value, axes: Value];
    attributes: {
      readonly mode: "nearest" | "linear" | "linear_onnx" | "cubic";
      readonly shape_calculation_mode: "scales" | "sizes";
      readonly coordinate_transformation_mode:
        | "asymmetric"
        | "half_pixel"
        | "pytorch_half_pixel"
        | "align_corners";
      readonly nearest_mode: "floor" | "ceil" | "round_prefer_floor" | "round_prefer_ceil" | "simple";
      readonly antialias: boolean;
      readonly pads_begin: Numbers;
      readonly pads_end: Numbers;
      readonly cube_coeff: number;
    };
  };
  VariadicSplit: { inputs: readonly [data: Value, axis: Value, lengths: Value]; attributes: None };
  Concat: { inputs: readonly Value[]; attributes: { readonly axis: number } };
  Gather: {
    inputs: readonly [data: Value, indices: Value, axis: Value];
    attributes: { readonly batch_dims: number };
  };
  Reshape: { inputs: readonly [data: Value, shape: Value]; attributes: { readonly special_zero: boolean } };
  Transpose: { inputs: readonly [data: Value, order: Value]; attributes: None };
  Unsqueeze: { inputs: readonly [data: Value, axes: Value]; attributes: None };
  Squeeze: { inputs: readonly [data: Value] | readonly [data: Value, axes: Value]; attributes: None };
  Slice: {
    inputs:
      | readonly [data: Value, start: Value, stop: Value, step: Value]
      | readonly [data: Value, start: Value, stop: Value, step: Value, axes: Value];
    attributes: None;
  };
  Pad: {
    inputs:
      | readonly [data: Value, begin: Value, end: Value]
      | readonly [data: Value, begin: Value, end: Value, value: Value];
    attributes: { readonly pad_mode: "constant" | "edge" | "reflect" | "symmetric" };
  };
  ShapeOf: { inputs: readonly [Value]; attributes: { readonly output_type: "i64" | "i32" } };
  Broadcast: {
    inputs: readonly [data: Value, shape: Value];
    attributes: { readonly mode: "numpy" | "bidirectional" };
  };
  ReduceMax: Reduction;
  ReduceMean: Reduction;
  ReduceSum: Reduction;
  /** Two outputs: the values and their indices. */
  TopK: {
    inputs: readonly [data: Value, k: Value];
    attributes: {
      readonly axis: number;
      readonly mode: "max" | "min";
      readonly sort: "value" | "index" | "none";
      readonly index_element_type: "i64" | "i32";
      readonly stable: boolean;
    };
  };
}

export type Operation = keyof Operations;
export type Inputs<Op extends Operation> = Operations[Op]["inputs"];
export type Attributes<Op extends Operation> = Operations[Op]["attributes"];

/** The operation set that each operation is taken from; OpenVINO 2024.5 knows all of them. */
export const operationVersions: Readonly<Record<Operation, string>> = {
  Add: "opset1",
  Subtract: "opset1",
  Multiply: "opset1",
  Divide: "opset1",
  Equal: "opset1",
  Greater: "opset1",
  Select: "opset1",
  NonZero: "opset3",
  Convert: "opset1",
  Sin: "opset1",
  Cos: "opset1",
  Exp: "opset1",
  Sqrt: "opset1",
  Sigmoid: "opset1",
  Gelu: "opset7",
  Swish: "opset4",
  SoftMax: "opset8",
  MatMul: "opset1",
  Convolution: "opset1",
  GroupNormalization: "opset12",
  MVN: "opset6",
  ScaledDotProductAttention: "opset13",
  Interpolate: "opset11",
  VariadicSplit: "opset1",
  Concat: "opset1",
  Gather: "opset8",
  Reshape: "opset1",
  Transpose: "opset1",
  Unsqueeze: "opset1",
  Squeeze: "opset1",
  Slice: "opset8",
  Pad: "opset1",
  ShapeOf: "opset3",
  Broadcast: "opset3",
  ReduceMax: "opset1",
  ReduceMean: "opset1",
  ReduceSum: "opset1",
  TopK: "opset11",
};

const withBroadcast = new Set<Operation>([
  "Add",
  "Subtract",
  "Multiply",
  "Divide",
  "Equal",
  "Greater",
  "Select",
]);

/** The attributes that an operation always has, where they are not given. */
export function attributeDefaults(operation: Operation): Readonly<Record<string, unknown>> {
  if (operation === "Divide") return { auto_broadcast: "numpy", m_pythondiv: false };
  return withBroadcast.has(operation) ? { auto_broadcast: "numpy" } : {};
}

/** The element type of an output. */
export function outputType(
  operation: Operation,
  inputs: readonly Value[],
  attributes: Readonly<Record<string, unknown>>,
  output: number,
): ElementType {
  const first = inputs[0]?.type ?? "dynamic";
  const named = (attribute: string) => attributes[attribute] as ElementType;
  switch (operation) {
    case "Equal":
    case "Greater":
      return "boolean";
    case "Select":
      return inputs[1]?.type ?? "dynamic";
    case "Convert":
      return named("destination_type");
    case "ShapeOf":
    case "NonZero":
      return named("output_type");
    case "TopK":
      return output === 1 ? named("index_element_type") : first;
    default:
      return first;
  }
}

/** An attribute's value as IR writes it: `true`, `1, 1`, `0.00001`, `numpy`. */
export function attributeText(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}

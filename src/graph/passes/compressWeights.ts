import { held } from "../constantNode.ts";
import type { ElementType } from "../elementType.ts";
import type { Graph, Shape } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import type { Value } from "../operations.ts";
import { int4Constants, int8Constants } from "../quantization/compressedConstants.ts";
import { floatRows } from "../quantization/floatRows.ts";
import { deepest } from "./depth.ts";
import { type WeightConstant, weightConstants } from "./weightConstants.ts";

/** How weights are stored. */
export type WeightCompression =
  | { readonly kind: "int8" }
  | {
      readonly kind: "int4";
      /** Values that share a scale; layers whose input size it does not divide get int8. Even. */
      readonly groupSize: number;
      /** What the last linear layer gets, which NNCF spares unless told `all_layers`; int8 by default. */
      readonly lastLayer?: "int8" | "int4";
    };

/**
 * Compresses the weights of linear layers, convolutions and embeddings, in the layout, with the names and by the rules
 * of NNCF's `compress_weights`: int8 per output channel (INT8_ASYM), or int4 in groups for linear layers (INT4_SYM)
 * with int8 elsewhere. The weights are quantized when the graph is written.
 * @throws GraphError for a group size that is not an even number
 */
export function compressWeights(graph: Graph, compression: WeightCompression): Graph {
  if (compression.kind === "int4" && (compression.groupSize < 2 || compression.groupSize % 2 !== 0)) {
    throw new GraphError(
      `The group size is ${compression.groupSize}; it has to be an even number, such as 64.`,
    );
  }
  const edit = new GraphEdit(graph);
  const weights = weightConstants(graph);
  const linear = weights.filter(({ layer }) => layer.type === "MatMul");
  const spared =
    compression.kind === "int4" && compression.lastLayer !== "int4" ? deepest(graph, linear) : undefined;
  for (const weight of weights) {
    const columns = weight.constant.outputs[0]?.shape?.at(-1) ?? 0;
    const grouped =
      compression.kind === "int4" &&
      weight.layer.type === "MatMul" &&
      weight !== spared &&
      columns % compression.groupSize === 0;
    if (grouped) toInt4(edit, weight, compression.groupSize);
    else toInt8(edit, weight);
  }
  return edit.finish();
}

function typeAndShape({ constant }: WeightConstant): { type: ElementType; shape: Shape } {
  const { type = "f32", shape = [] } = constant.outputs[0] ?? {};
  return { type, shape };
}

function toInt8(edit: GraphEdit, weight: WeightConstant): void {
  const { id, name, data } = weight.constant;
  if (!data) return;
  const { type, shape } = typeAndShape(weight);
  const made = int8Constants(floatRows(type, shape, data));
  const perRow = shape.map((dimension, axis) => (axis === 0 ? dimension : 1));
  const quantized = edit.insertConstant(id, "u8", shape, made.weight, name);
  const zeroPoint = edit.insertConstant(id, "u8", perRow, made.zeroPoint, `${name}/zero_point`);
  const scale = edit.insertConstant(id, "f16", perRow, made.scale, `${name}/scale`);
  const shifted = edit.insert(
    id,
    "Subtract",
    [toHalf(edit, id, quantized), toHalf(edit, id, zeroPoint)],
    {},
    `${name}/zero_point/subtract`,
  );
  finishChain(edit, weight, edit.insert(id, "Multiply", [shifted, scale], {}, chainName(weight)));
}

function toInt4(edit: GraphEdit, weight: WeightConstant, groupSize: number): void {
  const { id, name, data } = weight.constant;
  if (!data) return;
  const { type, shape } = typeAndShape(weight);
  const [rows = 1, columns = 1] = shape;
  const made = int4Constants(floatRows(type, shape, data), groupSize);
  const groups = columns / groupSize;
  const quantized = edit.insertConstant(id, "i4", [rows, groups, groupSize], made.weight, name);
  const scale = edit.insertConstant(id, "f16", [rows, groups, 1], made.scale, `${name}/scale`);
  const product = edit.insert(id, "Multiply", [toHalf(edit, id, quantized), scale], {}, chainName(weight));
  const shapeValue = edit.insertConstant(id, "i64", [shape.length], held(BigInt64Array.from(shape, BigInt)));
  finishChain(edit, weight, edit.insert(id, "Reshape", [product, shapeValue], { special_zero: false }));
}

function toHalf(edit: GraphEdit, before: number, value: Value): Value {
  return edit.insert(before, "Convert", [value], { destination_type: "f16" });
}

function chainName({ constant, port }: WeightConstant): string {
  return `${constant.name}/fq_weights_${port}`;
}

/** Puts the chain's end in the constant's place, converted to the constant's type where that is not half already. */
function finishChain(edit: GraphEdit, weight: WeightConstant, half: Value): void {
  const { constant, readDirectly } = weight;
  const { type } = typeAndShape(weight);
  const converts = type !== "f16" && readDirectly;
  const end = converts
    ? edit.insert(constant.id, "Convert", [half], { destination_type: type }, `${chainName(weight)}/convert`)
    : half;
  edit.redirect({ node: constant.id, output: 0 }, end);
  edit.remove(constant.id);
}

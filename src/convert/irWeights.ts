import { elementCount } from "../graph/elementType.ts";
import type { Graph, Node, Source } from "../graph/graph.ts";
import { isFloatType } from "../graph/quantization/floatRows.ts";

/** How a weight of an IR is stored, by the constants that hold it. */
export type StoredWeight =
  | { readonly kind: "float"; readonly constant: Node }
  /** u8 with a zero point and a scale for each row. */
  | { readonly kind: "int8"; readonly constant: Node; readonly zeroPoint: Node; readonly scale: Node }
  /** i4 in groups of a row that share a scale. */
  | { readonly kind: "int4"; readonly constant: Node; readonly scale: Node; readonly groupSize: number }
  /** In a way that cannot be written anew. */
  | { readonly kind: "other"; readonly constant: Node; readonly what: string };

/** A weight of a linear layer or a convolution. */
export interface IrWeight {
  /** `[rows, columns…]`. */
  readonly shape: readonly number[];
  readonly stored: StoredWeight;
}

class Tracer {
  readonly #nodes: ReadonlyMap<number, Node>;

  constructor(graph: Graph) {
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  }

  /** The node that feeds an input, conversions skipped. */
  before(source: Source | undefined): Node | undefined {
    const node = source && this.#nodes.get(source.node);
    return node?.type === "Convert" ? this.before(node.inputs[0]) : node;
  }

  /** What a layer's weight is made of. */
  weight(source: Source | undefined): IrWeight | undefined {
    const node = this.before(source);
    if (node?.type === "Const") return floatWeight(node);
    if (node?.type === "Reshape") return this.#grouped(this.before(node.inputs[0]));
    return node?.type === "Multiply" ? this.#perRow(node) : undefined;
  }

  #perRow({ inputs }: Node): IrWeight | undefined {
    const [quantized, scale] = [this.before(inputs[0]), this.before(inputs[1])];
    if (scale?.type !== "Const" || !quantized) return undefined;
    if (quantized.type === "Const") return otherWeight(quantized, "symmetrically");
    const [constant, zeroPoint] = [this.before(quantized.inputs[0]), this.before(quantized.inputs[1])];
    if (quantized.type !== "Subtract" || constant?.type !== "Const") return undefined;
    const isOurs =
      typeOf(constant) === "u8" && zeroPoint && typeOf(zeroPoint) === "u8" && typeOf(scale) === "f16";
    if (!isOurs) return otherWeight(constant, `as ${typeOf(constant)}`);
    const [rows] = shapeOf(constant);
    if (elementCount(shapeOf(scale)) !== rows || elementCount(shapeOf(zeroPoint)) !== rows)
      return otherWeight(constant, "with scales that are not one for each row");
    return { shape: shapeOf(constant), stored: { kind: "int8", constant, zeroPoint, scale } };
  }

  #grouped(multiply: Node | undefined): IrWeight | undefined {
    const [constant, scale] = [this.before(multiply?.inputs[0]), this.before(multiply?.inputs[1])];
    if (multiply?.type !== "Multiply" || !constant || scale?.type !== "Const") return undefined;
    const [rows = 0, groups = 0, groupSize = 0] = shapeOf(constant);
    if (constant.type !== "Const" || typeOf(constant) !== "i4" || typeOf(scale) !== "f16")
      return constant.type === "Const" ? otherWeight(constant, `as ${typeOf(constant)}`) : undefined;
    if (elementCount(shapeOf(scale)) !== rows * groups)
      return otherWeight(constant, "with scales that are not one for each group");
    return { shape: [rows, groups * groupSize], stored: { kind: "int4", constant, scale, groupSize } };
  }
}

const typeOf = (node: Node): string => node.outputs[0]?.type ?? "dynamic";
const shapeOf = (node: Node): readonly number[] => node.outputs[0]?.shape ?? [];

function floatWeight(constant: Node): IrWeight | undefined {
  const type = constant.outputs[0]?.type;
  if (type === undefined || !isFloatType(type)) return undefined;
  return { shape: shapeOf(constant), stored: { kind: "float", constant } };
}

function otherWeight(constant: Node, how: string): IrWeight {
  return { shape: shapeOf(constant), stored: { kind: "other", constant, what: how } };
}

/**
 * A weight's name as diffusers and transformers have it, from the name of its constant (`self.model.conv_in.weight`)
 * or of the layer that reads it (`__module.model.conv_in/aten::_convolution/Convolution`), as exporters write them.
 */
function weightName(constant: string, layer: string): string | undefined {
  const plain = constant
    .replace(/_compressed$/, "")
    .replace(/^self\./, "")
    .replace(/^(model|unet)\./, "");
  if (/^[\w.]+\.weight$/.test(plain)) return plain;
  const module = /^__module\.(?:model\.|unet\.)?([\w.]+)\//.exec(layer)?.[1];
  return module && `${module}.weight`;
}

/** The weights of linear layers and convolutions of an IR, by their names in diffusers and transformers. */
export function irWeights(graph: Graph): Map<string, IrWeight> {
  const tracer = new Tracer(graph);
  const found = new Map<string, IrWeight>();
  for (const layer of graph.nodes) {
    const isLinear = layer.type === "MatMul" && layer.attributes["transpose_b"] === "true";
    if (!isLinear && layer.type !== "Convolution") continue;
    const weight = tracer.weight(layer.inputs[1]);
    const name = weight && weightName(weight.stored.constant.name, layer.name);
    if (weight && name && weight.shape.length >= 2) found.set(name, weight);
  }
  return found;
}

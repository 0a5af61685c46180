import { elementCount } from "../elementType.ts";
import { type Graph, type Node, nodesOfType } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { isFloatType } from "../quantization/floatRows.ts";

/** A floating-point constant that is a layer's weight. */
export interface WeightConstant {
  readonly constant: Node;
  /** The first layer that uses it: a `MatMul`, `Convolution` or `Gather`. */
  readonly layer: Node;
  /** The layer's input: 0 for an embedding, 1 for the others. */
  readonly port: number;
  /** Whether something other than a conversion reads the constant: NNCF then converts back to its type. */
  readonly readDirectly: boolean;
}

/** The weights that NNCF compresses: constants, or converted ones, of linear layers, convolutions and embeddings. */
export function weightConstants(graph: Graph): WeightConstant[] {
  const edit = new GraphEdit(graph);
  return nodesOfType(graph, "Const").flatMap((constant): WeightConstant[] => {
    const output = constant.outputs[0];
    if (!output || !isFloatType(output.type) || elementCount(output.shape ?? []) === 0) return [];
    const direct = edit.readers({ node: constant.id, output: 0 });
    const converted = direct
      .filter(({ node }) => node.type === "Convert")
      .flatMap(({ node }) => edit.readers({ node: node.id, output: 0 }));
    const use = [...direct, ...converted].find(({ node, input }) =>
      isWeightOf(node, input, output.shape ?? []),
    );
    if (use === undefined) return [];
    const readDirectly = direct.some(({ node }) => node.type !== "Convert");
    return [{ constant, layer: use.node, port: use.input, readDirectly }];
  });
}

function isWeightOf(layer: Node, input: number, shape: readonly number[]): boolean {
  switch (layer.type) {
    case "MatMul":
      // One scale for an output feature: the weight's rows, which `transpose_b` makes them.
      return input === 1 && layer.attributes["transpose_b"] === "true" && shape.length === 2;
    case "Convolution":
      return input === 1 && shape.length > 2;
    case "Gather":
      return input === 0 && shape.length === 2;
    default:
      return false;
  }
}

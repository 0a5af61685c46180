import type { Node, Output, Source } from "./graph.ts";
import {
  type Attributes,
  attributeDefaults,
  attributeText,
  type Inputs,
  type Operation,
  operationVersions,
  outputType,
  type Value,
} from "./operations.ts";

/** A node of a known operation. @param outputs how many it has */
export function operationNode<Op extends Operation>(
  id: number,
  operation: Op,
  inputs: Inputs<Op>,
  attributes: Attributes<Op>,
  outputs: number,
  name: string = `${operation}_${id}`,
): Node {
  const all: Record<string, unknown> = { ...attributeDefaults(operation), ...attributes };
  return {
    id,
    name,
    type: operation,
    version: operationVersions[operation],
    attributes: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, attributeText(value)])),
    inputs: inputs.map(({ node, output }): Source => ({ node, output })),
    outputs: Array.from({ length: outputs }, (_, output): Output => {
      return { type: outputType(operation, inputs, all, output), names: [] };
    }),
  };
}

/** The outputs of a node as values. */
export function valuesOf(node: Node): [Value, ...Value[]] {
  const [first, ...rest] = node.outputs.map((output, index): Value => {
    return { node: node.id, output: index, type: output.type };
  });
  return [first ?? { node: node.id, output: 0, type: "dynamic" }, ...rest];
}

import type { Node, Source } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import type { XmlElement } from "../xml/xmlElement.ts";
import { naturalNumber } from "./irNumbers.ts";
import type { Layer } from "./readLayer.ts";

/** An `edge` element. */
export interface Edge {
  readonly fromLayer: number;
  readonly fromPort: number;
  readonly toLayer: number;
  readonly toPort: number;
}

/** @throws GraphError for an attribute that is not a natural number */
export function readEdge({ attributes }: XmlElement): Edge {
  const number = (key: string) => naturalNumber(attributes[key], `The attribute "${key}" of an edge`);
  return {
    fromLayer: number("from-layer"),
    fromPort: number("from-port"),
    toLayer: number("to-layer"),
    toPort: number("to-port"),
  };
}

/**
 * Nodes with their inputs.
 * @throws GraphError where ids are not unique, an edge's end does not exist, an input is fed twice, or tensors
 *   depend on themselves
 */
export function connect(layers: readonly Layer[], edges: readonly Edge[]): Node[] {
  const byId = new Map<number, Layer>();
  for (const layer of layers) {
    if (byId.has(layer.node.id)) throw new GraphError(`Two layers have the id ${layer.node.id}.`);
    byId.set(layer.node.id, layer);
  }
  const inputs = new Map<number, (Source | undefined)[]>(
    layers.map(({ node, inputPorts }) => [node.id, inputPorts.map(() => undefined)]),
  );
  const numbers = new Map(layers.map((layer) => [layer.node.id, portNumbers(layer)]));
  for (const edge of edges) {
    const output = numbers.get(edge.fromLayer)?.outputs.get(edge.fromPort);
    const input = numbers.get(edge.toLayer)?.inputs.get(edge.toPort);
    const target = inputs.get(edge.toLayer);
    if (output === undefined || input === undefined || target === undefined) {
      throw new GraphError(
        `An edge goes from port ${edge.fromPort} of layer ${edge.fromLayer} to port ${edge.toPort} of layer ${edge.toLayer}; one of them does not exist.`,
      );
    }
    if (target[input] !== undefined) {
      throw new GraphError(`Two edges go to port ${edge.toPort} of layer ${edge.toLayer}.`);
    }
    target[input] = { node: edge.fromLayer, output };
  }
  const nodes = layers.map(({ node }): Node => ({ ...node, inputs: inputs.get(node.id) ?? [] }));
  checkAcyclic(nodes);
  return nodes;
}

function portNumbers({ inputPorts, outputPorts }: Layer) {
  return {
    inputs: new Map(inputPorts.map((id, index) => [id, index])),
    outputs: new Map(outputPorts.map((id, index) => [id, index])),
  };
}

/** @throws GraphError where a node needs its own output */
function checkAcyclic(nodes: readonly Node[]): void {
  const waitingFor = new Map<number, number>();
  const readers = new Map<number, number[]>();
  for (const { id, inputs } of nodes) {
    const sources = inputs.filter((input) => input !== undefined);
    waitingFor.set(id, sources.length);
    for (const { node } of sources) {
      const list = readers.get(node);
      if (list) list.push(id);
      else readers.set(node, [id]);
    }
  }
  const ready = nodes.filter(({ id }) => waitingFor.get(id) === 0).map(({ id }) => id);
  let done = 0;
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    done += 1;
    for (const reader of readers.get(id) ?? []) {
      const left = (waitingFor.get(reader) ?? 0) - 1;
      waitingFor.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (done < nodes.length) throw new GraphError("The edges of the graph form a circle.");
}

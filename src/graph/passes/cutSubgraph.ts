import type { Graph, Node, Shape, Source } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { type Tensor, tensorAt } from "../tensors.ts";

/** A tensor where the sub-graph begins: it becomes an input. */
export interface CutInput {
  readonly tensor: string | Source;
  /** The input's name. */
  readonly name: string;
  /** Where the graph does not know it; open dimensions are -1. */
  readonly shape?: Shape;
}

/** A tensor where the sub-graph ends: it becomes an output. */
export interface CutOutput {
  readonly tensor: string | Source;
  readonly name: string;
}

/**
 * The part of a graph between tensors. Inputs of the model that the part needs come first, in their order, then those
 * of the cut; the outputs come in the order given. Constants stay where they are, so that both graphs can share one
 * `.bin`.
 * @throws GraphError where a tensor does not exist, an input is not needed, or its shape is unknown
 */
export function cutSubgraph(graph: Graph, inputs: readonly CutInput[], outputs: readonly CutOutput[]): Graph {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  let nextId = graph.nodes.reduce((largest, { id }) => Math.max(largest, id), -1) + 1;
  const cut = new Map<string, { readonly parameter: Node; used: boolean }>();
  for (const input of inputs) {
    const tensor = tensorAt(graph, input.tensor);
    cut.set(key(tensor), { parameter: parameterFor(nextId, input, tensor), used: false });
    nextId += 1;
  }
  const sourceIn = (source: Source): Source => {
    const replaced = cut.get(key(source));
    if (replaced === undefined) return source;
    replaced.used = true;
    return { node: replaced.parameter.id, output: 0 };
  };
  const ends = outputs.map(({ tensor }) => tensorAt(graph, tensor));
  const kept = new Set<number>();
  const open = ends.map(sourceIn);
  for (let source = open.pop(); source !== undefined; source = open.pop()) {
    const node = byId.get(source.node);
    if (node === undefined || kept.has(node.id)) continue;
    kept.add(node.id);
    for (const input of node.inputs) if (input) open.push(sourceIn(input));
  }
  for (const [index, input] of inputs.entries()) {
    if (!([...cut.values()][index]?.used ?? false)) {
      throw new GraphError(`None of the outputs of the cut depends on "${input.name}".`);
    }
  }
  const names = new Map<string, string[]>();
  for (const [index, end] of ends.entries()) {
    const list = names.get(key(end)) ?? [];
    names.set(key(end), [...list, outputs[index]?.name ?? ""]);
  }
  const taken = new Set([...names.values(), ...inputs.map(({ name }) => [name])].flat());
  const inside = graph.nodes
    .filter(({ id }) => kept.has(id))
    .map((node): Node => {
      const outputsInside = node.outputs.map((output, index) => {
        // An output answers to the names of the cut only: a runtime lists it by whichever it likes.
        const own = output.names.filter((name) => !taken.has(name));
        return { ...output, names: names.get(key({ node: node.id, output: index })) ?? own };
      });
      return {
        ...node,
        inputs: node.inputs.map((source) => source && sourceIn(source)),
        outputs: outputsInside,
      };
    });
  const results = ends.map((end, index): Node => {
    const name = `${outputs[index]?.name ?? ""}/result`;
    const id = nextId + index;
    return {
      id,
      name,
      type: "Result",
      version: "opset1",
      attributes: {},
      inputs: [sourceIn(end)],
      outputs: [],
    };
  });
  const isParameter = ({ type }: Node) => type === "Parameter";
  const nodes = [
    ...inside.filter(isParameter),
    ...[...cut.values()].map(({ parameter }) => parameter),
    ...inside.filter((node) => !isParameter(node)),
    ...results,
  ];
  return { ...graph, nodes };
}

function key({ node, output }: Source): string {
  return `${node} ${output}`;
}

function parameterFor(id: number, { name, shape: given }: CutInput, { port }: Tensor): Node {
  const shape = given ?? port.shape;
  if (shape === undefined)
    throw new GraphError(`The shape of the cut's input "${name}" is not known; say it.`);
  const text = shape.map((dimension) => (dimension < 0 ? "?" : dimension)).join(",");
  return {
    id,
    name,
    type: "Parameter",
    version: "opset1",
    attributes: { shape: text, element_type: port.type },
    inputs: [],
    outputs: [{ type: port.type, shape, names: [name] }],
  };
}

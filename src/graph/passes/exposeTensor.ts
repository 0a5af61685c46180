import type { Graph, Source } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import { tensorAt } from "../tensors.ts";

/**
 * Makes an inner tensor one more output of the model, behind those it has.
 * @param tensor its name or where it comes from
 * @param name by which the output is addressed. It takes the place of the tensor's names, since a runtime lists an
 *   output by whichever it likes; those of a tensor that is an output already stay
 * @throws GraphError where there is no such tensor, or another one has the name
 */
export function exposeTensor(graph: Graph, tensor: string | Source, name: string): Graph {
  const { node, output, port } = tensorAt(graph, tensor);
  const edit = new GraphEdit(graph);
  if (!port.names.includes(name) && isTaken(graph, name)) {
    throw new GraphError(`A tensor of the graph "${graph.name}" is named "${name}" already.`);
  }
  const isOutput = edit.readers({ node, output }).some((reader) => reader.node.type === "Result");
  const names = isOutput ? [...new Set([...port.names, name])] : [name];
  const outputs = edit.node(node).outputs.map((one, index) => (index === output ? { ...one, names } : one));
  edit.update(node, { outputs });
  edit.appendResult({ node, output }, `${name}/result`);
  return edit.finish();
}

function isTaken(graph: Graph, name: string): boolean {
  return graph.nodes.some(({ outputs }) => outputs.some(({ names }) => names.includes(name)));
}

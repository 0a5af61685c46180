import type { Graph, Source } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import { tensorAt } from "../tensors.ts";

/**
 * Makes an inner tensor one more output of the model, behind those it has.
 * @param tensor its name or where it comes from
 * @param name by which the output is addressed; the tensor keeps the names it has
 * @throws GraphError where there is no such tensor, or another one has the name
 */
export function exposeTensor(graph: Graph, tensor: string | Source, name: string): Graph {
  const { node, output, port } = tensorAt(graph, tensor);
  const edit = new GraphEdit(graph);
  if (!port.names.includes(name)) {
    if (graph.nodes.some(({ outputs }) => outputs.some(({ names }) => names.includes(name)))) {
      throw new GraphError(`A tensor of the graph "${graph.name}" is named "${name}" already.`);
    }
    const outputs = edit.node(node).outputs.map((one, index) => {
      return index === output ? { ...one, names: [...one.names, name] } : one;
    });
    edit.update(node, { outputs });
  }
  edit.appendResult({ node, output }, `${name}/result`);
  return edit.finish();
}

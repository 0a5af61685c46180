import type { Graph, Output, Source } from "./graph.ts";
import { GraphError } from "./graphError.ts";

/** A tensor of a graph. */
export interface Tensor extends Source {
  readonly output: number;
  readonly port: Output;
}

/**
 * The tensor with a name: one of the tensor's own, else that of the node whose only output it is.
 * @throws GraphError where no tensor or more than one has it
 */
export function tensorNamed(graph: Graph, name: string): Tensor {
  const all = graph.nodes.flatMap((node) =>
    node.outputs.map((port, output) => ({
      node: node.id,
      output,
      port,
      nodeName: node.name,
      only: node.outputs.length === 1,
    })),
  );
  const named = all.filter(({ port }) => port.names.includes(name));
  const found = named.length > 0 ? named : all.filter(({ nodeName, only }) => only && nodeName === name);
  const [first] = found;
  if (first === undefined) throw new GraphError(`The graph "${graph.name}" has no tensor "${name}".`);
  if (found.length > 1)
    throw new GraphError(`${found.length} tensors of the graph "${graph.name}" are named "${name}".`);
  return { node: first.node, output: first.output, port: first.port };
}

/** A tensor by name or by where it comes from. @throws GraphError where there is none */
export function tensorAt(graph: Graph, where: string | Source): Tensor {
  if (typeof where === "string") return tensorNamed(graph, where);
  const port = graph.nodes.find(({ id }) => id === where.node)?.outputs[where.output];
  if (port === undefined) {
    throw new GraphError(`The graph "${graph.name}" has no output ${where.output} of a node ${where.node}.`);
  }
  return { node: where.node, output: where.output, port };
}

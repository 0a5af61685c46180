import type { Graph } from "../graph.ts";
import type { WeightConstant } from "./weightConstants.ts";

/** How many nodes come before each node on the longest way to it, by id. */
export function depths(graph: Graph): Map<number, number> {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const depth = new Map<number, number>();
  // Nodes need not be in order: each waits on the stack until its inputs are done.
  for (const { id } of graph.nodes) {
    const stack = [id];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const inputs = (byId.get(top)?.inputs ?? []).flatMap((source) => (source ? [source.node] : []));
      const open = inputs.filter((input) => !depth.has(input));
      if (open.length > 0) stack.push(...open);
      else {
        depth.set(
          top,
          inputs.reduce((most, input) => Math.max(most, (depth.get(input) ?? 0) + 1), 0),
        );
        stack.pop();
      }
    }
  }
  return depth;
}

/** The weight whose layer has the most nodes before it: the last one on the main path. */
export function deepest(graph: Graph, weights: readonly WeightConstant[]): WeightConstant | undefined {
  const depth = depths(graph);
  let last: WeightConstant | undefined;
  let most = -1;
  for (const weight of weights) {
    const here = depth.get(weight.layer.id) ?? 0;
    if (here >= most) {
      most = here;
      last = weight;
    }
  }
  return last;
}

import type { ElementType } from "../graph/elementType.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { dataSize } from "../graph/graph.ts";

/** How a graph's weights come into memory on a CPU. */
export interface WeightTally {
  nodes: number;
  /** Bytes of compressed weights that matrix products take as they are: a packed copy of the same size is made. */
  packedBytes: number;
  /** Values that are floats in the file: they become floats of the device's precision. */
  floatValues: number;
  /** Values of convolutions that are compressed in the file, and become floats all the same. */
  expandedValues: number;
}

/** Operations between a compressed constant and what uses it. */
const decompression: ReadonlySet<string> = new Set([
  ...["Convert", "Subtract", "Multiply", "Reshape", "Transpose", "Unsqueeze"],
]);

/** Constants of fewer values (biases, scales, shapes) do not count. */
const fewestValues = 4096;

const compressedTypes: ReadonlySet<ElementType> = new Set([
  "u8",
  "i8",
  "u4",
  "i4",
  "nf4",
  "f8e4m3",
  "f8e5m2",
]);
const floatTypes: ReadonlySet<ElementType> = new Set(["f32", "f16", "bf16", "f64"]);

/** The operation that a constant ends up in; nothing where it only feeds scales and the like. */
function consumer(constant: Node, users: ReadonlyMap<number, readonly Node[]>): string | undefined {
  let [node] = users.get(constant.id) ?? [];
  // A chain of decompression is four operations long; a graph may have loops of none.
  for (let hops = 0; node && decompression.has(node.type) && hops < 8; hops++)
    [node] = users.get(node.id) ?? [];
  return node?.type;
}

function usersOf(graph: Graph): Map<number, Node[]> {
  const users = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (!input) continue;
      const known = users.get(input.node);
      if (known) known.push(node);
      else users.set(input.node, [node]);
    }
  }
  return users;
}

/** Adds up the weights of a graph by what OpenVINO's CPU plugin makes of them. */
export function tallyWeights(graph: Graph): WeightTally {
  const users = usersOf(graph);
  const tally: WeightTally = {
    nodes: graph.nodes.length,
    packedBytes: 0,
    floatValues: 0,
    expandedValues: 0,
  };
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    if (node.type !== "Const" || !node.data || !output) continue;
    const values = (output.shape ?? []).reduce((product, length) => product * length, 1);
    if (values < fewestValues) continue;
    const isCompressed = compressedTypes.has(output.type);
    if (!isCompressed && !floatTypes.has(output.type)) continue;
    const user = consumer(node, users);
    if (user === "MatMul" && isCompressed) tally.packedBytes += dataSize(node.data);
    else if (user === "MatMul" || user === "Convolution" || user === "GroupConvolution") {
      tally[isCompressed ? "expandedValues" : "floatValues"] += values;
    }
    // Tables that are looked things up in (Gather) are used where they lie in the file.
  }
  return tally;
}

import type { Graph, Node } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";

/** Names of the inputs that `takeTokenVectors` adds. */
export interface TokenVectorNames {
  /** f32 `[?, ?, width]` */
  readonly vectors: string;
  /** boolean `[?, ?, 1]` */
  readonly mask: string;
}

/** Operations between the ids and the lookup that change the ids' type or shape only. */
const passedThrough = new Set(["Convert", "Reshape", "Squeeze", "Unsqueeze"]);

/** The lookup of the ids' vectors: the first `Gather` whose indices are the ids. */
function lookup(edit: GraphEdit, ids: Node): Node {
  const open = [ids];
  for (let node = open.shift(); node; node = open.shift()) {
    for (const reader of edit.readers({ node: node.id, output: 0 })) {
      if (reader.node.type === "Gather" && reader.input === 1) return reader.node;
      if (passedThrough.has(reader.node.type) && reader.input === 0) open.push(reader.node);
    }
  }
  throw new GraphError("the text encoder looks its tokens up in no table");
}

function parameter(id: number, name: string, type: "f32" | "boolean", last: number): Node {
  return {
    id,
    name,
    type: "Parameter",
    version: "opset1",
    attributes: { shape: `?,?,${last}`, element_type: type },
    inputs: [],
    outputs: [{ type, shape: [-1, -1, last], names: [name] }],
  };
}

/**
 * Gives a text encoder two inputs by which vectors can take the place of tokens: where the mask is true, the given
 * vector goes on instead of the one that the table has for the id. No constant is added, so that the graph goes with
 * the `.bin` it came from.
 * @param width of the vectors
 * @throws GraphError where the graph has no `input_ids` that are looked up in a table
 */
export function takeTokenVectors(graph: Graph, width: number, names: TokenVectorNames): Graph {
  const at = graph.nodes.findIndex(
    (node) => node.type === "Parameter" && node.outputs[0]?.names.includes("input_ids"),
  );
  const ids = graph.nodes[at];
  if (!ids) throw new GraphError("the text encoder has no input named input_ids");
  const free = graph.nodes.reduce((largest, { id }) => Math.max(largest, id), -1) + 1;
  const vectors = parameter(free, names.vectors, "f32", width);
  const mask = parameter(free + 1, names.mask, "boolean", 1);
  const nodes = [...graph.nodes.slice(0, at + 1), vectors, mask, ...graph.nodes.slice(at + 1)];
  const edit = new GraphEdit({ ...graph, nodes });
  const gather = lookup(edit, ids);
  const found = { node: gather.id, output: 0 };
  const [first] = edit.readers(found);
  if (!first) throw new GraphError("nothing reads what the text encoder looks up");
  const chosen = edit.insert(
    first.node.id,
    "Select",
    [
      edit.value({ node: mask.id, output: 0 }),
      edit.value({ node: vectors.id, output: 0 }),
      edit.value(found),
    ],
    { auto_broadcast: "numpy" },
  );
  edit.redirect(found, chosen);
  return edit.finish();
}

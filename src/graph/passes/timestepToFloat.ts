import type { Graph, Node, Source } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import { tensorNamed } from "../tensors.ts";

/** Operations whose output has the type of their first input, whatever that is. */
const passThrough = new Set([
  "Broadcast",
  "Unsqueeze",
  "Squeeze",
  "Reshape",
  "Tile",
  "Transpose",
  "Gather",
  "Slice",
]);

/**
 * Retypes an integer input (`timestep`) to f32, so that fractional timesteps reach the network, which computes their
 * embedding in f32 anyway. A graph whose input is f32 already is returned as it is.
 * @throws GraphError where there is no such input, or something other than its shape depends on its being an integer
 */
export function timestepToFloat(graph: Graph, input = "timestep"): Graph {
  const { node, port } = tensorNamed(graph, input);
  const edit = new GraphEdit(graph);
  const parameter = edit.node(node);
  if (parameter.type !== "Parameter")
    throw new GraphError(`"${input}" is not an input of the graph "${graph.name}".`);
  if (port.type === "f32") return graph;
  retype(edit, parameter);
  edit.update(node, { attributes: { ...parameter.attributes, element_type: "f32" } });
  const open: Source[] = [{ node, output: 0 }];
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    for (const reader of edit.readers(tensor)) {
      if (passThrough.has(reader.node.type) && reader.input === 0) {
        retype(edit, edit.node(reader.node.id));
        open.push({ node: reader.node.id, output: 0 });
      } else if (!endsHere(reader.node)) {
        throw new GraphError(
          `"${input}" cannot become f32: "${reader.node.name}" (${reader.node.type}) needs it as ${port.type}.`,
        );
      }
    }
  }
  return edit.finish();
}

/** Whether a reader makes floats of whatever comes in, or looks at its shape only. */
function endsHere({ type, attributes }: Node): boolean {
  if (type === "Convert") return ["f32", "f16", "bf16"].includes(attributes["destination_type"] ?? "");
  return type === "ShapeOf";
}

function retype(edit: GraphEdit, node: Node): void {
  edit.update(node.id, { outputs: node.outputs.map((output) => ({ ...output, type: "f32" })) });
}

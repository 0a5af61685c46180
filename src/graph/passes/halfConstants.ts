import { decompressionMark } from "../constantNode.ts";
import { elementCount } from "../elementType.ts";
import { type Graph, type Node, nodesOfType } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { halfConstant } from "../quantization/compressedConstants.ts";
import { floatRows } from "../quantization/floatRows.ts";

/**
 * Stores f32 and bf16 constants as f16, clamped to ±65504, each followed by a conversion that plugins know as
 * decompression. Scalars and constants that are marked to keep their precision stay. The values are converted when
 * the graph is written.
 */
export function halfConstants(graph: Graph): Graph {
  const edit = new GraphEdit(graph);
  for (const node of nodesOfType(graph, "Const")) {
    const { type, shape = [] } = node.outputs[0] ?? {};
    if (!node.data || (type !== "f32" && type !== "bf16")) continue;
    if (elementCount(shape) <= 1 || keepsPrecision(node)) continue;
    const data = halfConstant(floatRows(type, shape, node.data));
    const half = edit.insertConstant(node.id, "f16", shape, data, `${node.name}_compressed`);
    const attributes = { destination_type: type } as const;
    const back = edit.insert(node.id, "Convert", [half], attributes, node.name, decompressionMark);
    edit.redirect({ node: node.id, output: 0 }, back);
    edit.remove(node.id);
  }
  return edit.finish();
}

const keepingMarks = new Set(["precise", "DisablePrecisionConversion"]);

function keepsPrecision({ rtInfo }: Node): boolean {
  return (rtInfo?.children ?? []).some(
    (child) => typeof child !== "string" && keepingMarks.has(child.attributes["name"] ?? ""),
  );
}

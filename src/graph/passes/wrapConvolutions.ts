import { type Graph, type Node, nodesOfType } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import type { Value } from "../operations.ts";

/** Along which axes an image continues at its opposite edge. */
export type WrapAxes = "x" | "y" | "xy";

/** Width and height are the last two of four dimensions. */
const axes = { y: { spatial: 0, dimension: 2 }, x: { spatial: 1, dimension: 3 } } as const;

/**
 * Makes every 2-D convolution see the opposite edge where it would see padding zeros, so that pictures tile: rows or
 * columns from the other side are put around its input (`Pad` has no such mode) and that axis's padding becomes 0.
 * @throws GraphError for a convolution whose padding is not explicit
 */
export function wrapConvolutions(graph: Graph, wrap: WrapAxes): Graph {
  const edit = new GraphEdit(graph);
  for (const convolution of nodesOfType(graph, "Convolution")) {
    const begin = pads(convolution, "pads_begin");
    const end = pads(convolution, "pads_end");
    if (begin.length !== 2) continue;
    const source = convolution.inputs[0];
    if (source === undefined) continue;
    let data = edit.value(source);
    for (const axis of ["y", "x"] as const) {
      const { spatial, dimension } = axes[axis];
      if (!wrap.includes(axis)) continue;
      data = continued(edit, convolution, data, dimension, begin[spatial] ?? 0, end[spatial] ?? 0);
      begin[spatial] = 0;
      end[spatial] = 0;
    }
    edit.feed(convolution.id, 0, data);
    const attributes = {
      ...convolution.attributes,
      pads_begin: begin.join(", "),
      pads_end: end.join(", "),
      auto_pad: "explicit",
    };
    edit.update(convolution.id, { attributes });
  }
  return edit.finish();
}

function pads({ name, attributes }: Node, attribute: "pads_begin" | "pads_end"): number[] {
  const mode = attributes["auto_pad"] ?? "explicit";
  const values = (attributes[attribute] ?? "0, 0").split(",").map(Number);
  if (mode === "valid") return values.map(() => 0);
  if (mode !== "explicit" && mode !== "notset") {
    throw new GraphError(
      `The convolution "${name}" pads by "${mode}"; only explicit padding can be made to wrap.`,
    );
  }
  return values;
}

/** The data with `begin` slices of the far end before it and `end` slices of the near end behind it. */
function continued(
  edit: GraphEdit,
  { id, name }: Node,
  data: Value,
  dimension: number,
  begin: number,
  end: number,
): Value {
  if (begin === 0 && end === 0) return data;
  // Indices from the end are negative: the size need not be known.
  const take = (indices: readonly number[]) =>
    edit.insert(id, "Gather", [data, edit.insertI64(id, indices), edit.insertI64(id, dimension)], {
      batch_dims: 0,
    });
  const before = begin > 0 ? [take(Array.from({ length: begin }, (_, i) => i - begin))] : [];
  const behind = end > 0 ? [take(Array.from({ length: end }, (_, i) => i))] : [];
  const axis = dimension === axes.x.dimension ? "x" : "y";
  return edit.insert(id, "Concat", [...before, data, ...behind], { axis: dimension }, `${name}/wrap_${axis}`);
}

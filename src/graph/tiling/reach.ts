import type { Graph, Node } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { depths } from "../passes/depth.ts";

/** How far beyond a region the tensors of it look, in cells of one resolution. */
export interface Reach {
  /** Upwards and to the left. */
  readonly before: number;
  /** Downwards and to the right. */
  readonly after: number;
}

/** What a network that works on images place by place says about its resolutions. */
export interface SpatialReach {
  /** Of the input, so that every region made of whole cells of the coarsest tensor comes out exactly. */
  readonly reach: Reach;
  /** Rows of a node's output to one row of the coarsest tensor, by node id: 1, 2, 4, … */
  readonly cells: ReadonlyMap<number, number>;
}

/** Operations that compute each place of an image from the same place, or, as norms do, from statistics besides. */
const placeByPlace = new Set([
  "Add",
  "Subtract",
  "Multiply",
  "Divide",
  "Convert",
  "Swish",
  "Sigmoid",
  "ReLU",
  "Relu",
  "Gelu",
  "Clamp",
  "FakeQuantize",
  "Reshape",
  "GroupNormalization",
  "MVN",
  "Result",
]);

function numbers({ attributes }: Node, name: string, fallback: number): [number, number] {
  const [y = fallback, x = fallback] = (attributes[name] ?? "").split(",").filter(Boolean).map(Number);
  return [y, x];
}

/** How many rows of its input become one of its output; a half where an image is enlarged. */
function strideOf(node: Node): number {
  if (node.type === "Interpolate") {
    // That it doubles height and width, the first inference tells: the output has the size then that is expected.
    if (node.attributes["mode"] !== "nearest") {
      throw new GraphError(
        `"${node.name}" enlarges by "${node.attributes["mode"]}", not by repeating pixels.`,
      );
    }
    return 1 / 2;
  }
  if (node.type !== "Convolution") return 1;
  const [y, x] = numbers(node, "strides", 1);
  if (y !== x) throw new GraphError(`The convolution "${node.name}" has strides ${y} and ${x}.`);
  return y;
}

/** The size of a convolution's kernel, which the shape of its weights holds. */
function kernelOf({ name, inputs }: Node, byId: ReadonlyMap<number, Node>): readonly number[] {
  for (let source = inputs[1]; source; source = byId.get(source.node)?.inputs[0]) {
    const node = byId.get(source.node);
    const shape = node?.outputs[source.output]?.shape;
    if (node?.type === "Const" && shape?.length === 4) return shape;
  }
  throw new GraphError(`The kernel of the convolution "${name}" is not a constant of four dimensions.`);
}

/** Channels that a convolution takes and gives. */
export function channelsOf(graph: Graph, convolution: Node): { inputs: number; outputs: number } {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const [outputs = 0, inputs = 0] = kernelOf(convolution, byId);
  return { inputs, outputs };
}

/** What a convolution's input must reach so that its output reaches `reach`: the wider of both axes. */
function beforeConvolution(node: Node, byId: ReadonlyMap<number, Node>, { before, after }: Reach): Reach {
  const [, , ...sizes] = kernelOf(node, byId);
  const strides = numbers(node, "strides", 1);
  const dilations = numbers(node, "dilations", 1);
  const pads = numbers(node, "pads_begin", 0);
  if ((node.attributes["auto_pad"] ?? "explicit") !== "explicit") {
    throw new GraphError(`The convolution "${node.name}" pads by "${node.attributes["auto_pad"]}".`);
  }
  const axes = [0, 1] as const;
  const span = (axis: 0 | 1) => ((sizes[axis] ?? 1) - 1) * dilations[axis];
  return {
    before: Math.max(...axes.map((axis) => strides[axis] * before + pads[axis])),
    after: Math.max(...axes.map((axis) => strides[axis] * (after - 1) + 1 + span(axis) - pads[axis])),
  };
}

function beforeNode(node: Node, byId: ReadonlyMap<number, Node>, reach: Reach): Reach {
  if (node.type === "Convolution") return beforeConvolution(node, byId, reach);
  if (node.type !== "Interpolate") return reach;
  return { before: Math.ceil(reach.before / 2), after: Math.ceil(reach.after / 2) };
}

/** The nodes that depend on the values of an input, each behind those it depends on. Sizes are no values of an image. */
export function dependents(graph: Graph, input: Node): Node[] {
  const depth = depths(graph);
  const inOrder = [...graph.nodes].sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
  const found = new Set([input.id]);
  return inOrder.filter((node) => {
    const depends = node.inputs.some((source) => source && found.has(source.node));
    if (depends && node.type !== "ShapeOf") found.add(node.id);
    return found.has(node.id);
  });
}

/**
 * How far a network of convolutions, norms and what else works place by place looks around.
 * @param input the image that goes in
 * @throws GraphError for an operation that looks elsewhere, such as attention
 */
export function spatialReach(graph: Graph, input: Node): SpatialReach {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const nodes = dependents(graph, input);
  const scale = new Map([[input.id, 1]]);
  const scaleOf = (node: Node) =>
    Math.max(...node.inputs.map((source) => (source && scale.get(source.node)) ?? 0));
  for (const node of nodes) {
    if (node === input) continue;
    if (!placeByPlace.has(node.type) && node.type !== "Convolution" && node.type !== "Interpolate") {
      throw new GraphError(`"${node.name}" (${node.type}) does not work place by place.`);
    }
    scale.set(node.id, scaleOf(node) / strideOf(node));
  }
  const coarsest = Math.min(...scale.values());

  const reaches = new Map<number, Reach>();
  const none: Reach = { before: 0, after: 0 };
  for (const node of nodes.toReversed()) {
    const needed = beforeNode(node, byId, reaches.get(node.id) ?? none);
    for (const source of node.inputs) {
      if (!source || !scale.has(source.node)) continue;
      const known = reaches.get(source.node) ?? none;
      reaches.set(source.node, {
        before: Math.max(known.before, needed.before),
        after: Math.max(known.after, needed.after),
      });
    }
  }
  return {
    reach: reaches.get(input.id) ?? none,
    cells: new Map([...scale].map(([id, value]) => [id, value / coarsest])),
  };
}

import { type Graph, type Node, nodesOfType, type Source } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { cutSubgraph } from "../passes/cutSubgraph.ts";
import { depths } from "../passes/depth.ts";
import { type OpenNorm, takeMoments } from "./givenMoments.ts";
import { channelsOf, dependents, spatialReach } from "./reach.ts";

/** A part of a network that may run on tiles of an image, and how the tiles are to be cut. */
export interface TilePart {
  readonly graph: Graph;
  /** Names of the image that goes in, the one that comes out, and the inputs that `MomentInputs` describes. */
  readonly names: {
    readonly input: string;
    readonly output: string;
    readonly core: string;
    readonly own: string;
  };
  readonly norms: readonly OpenNorm[];
  /** Rows of the input and of the output to one cell of the coarsest tensor in between. */
  readonly inputRows: number;
  readonly outputRows: number;
  /** How many cells around a tile it must see so that the tile comes out exactly. */
  readonly before: number;
  readonly after: number;
}

/** The two ends of a network. */
export interface NetworkEnds {
  readonly input: string;
  readonly output: string;
}

/** A network in two: what must see the whole image, at low resolution, and what may see tiles of it. */
export interface SplitNetwork {
  readonly whole: Graph;
  /** See `tilePart`. */
  readonly tiled: Graph;
  readonly tiledEnds: NetworkEnds;
}

const middle = "tile/image";
const core = "tile/core";
const own = "tile/own";

function inputNode(graph: Graph, name: string): Node {
  const node = graph.nodes.find(
    ({ type, outputs }) => type === "Parameter" && outputs[0]?.names.includes(name),
  );
  if (!node) throw new GraphError(`The graph "${graph.name}" has no input "${name}".`);
  return node;
}

function onlyInput(graph: Graph, name: string): void {
  const other = nodesOfType(graph, "Parameter").find(({ outputs }) => !outputs[0]?.names.includes(name));
  if (other) throw new GraphError(`A part of the graph "${graph.name}" needs "${other.name}" besides.`);
}

/**
 * Makes a network fit for tiles: its norms take statistics that belong to the whole image.
 * @throws GraphError where it does not work place by place but for its convolutions and norms
 */
export function tilePart(graph: Graph, { input, output }: NetworkEnds): TilePart {
  onlyInput(graph, input);
  const from = inputNode(graph, input);
  const { reach, cells } = spatialReach(graph, from);
  const inputRows = cells.get(from.id) ?? 1;
  const end = nodesOfType(graph, "Result")[0]?.inputs[0];
  const { graph: open, norms } = takeMoments(graph, cells, { core, own });
  return {
    graph: open,
    names: { input, output, core, own },
    norms,
    inputRows,
    outputRows: (end && cells.get(end.node)) ?? 1,
    before: Math.ceil(reach.before / inputRows),
    after: Math.ceil(reach.after / inputRows),
  };
}

function inOrder(graph: Graph, nodes: Node[]): Node[] {
  const depth = depths(graph);
  return nodes.sort((a, b) => (depth.get(a.id) ?? 0) - (depth.get(b.id) ?? 0));
}

/** The places where a decoder enlarges its image: how often it can be split. */
export function enlargements(graph: Graph): Node[] {
  return inOrder(graph, nodesOfType(graph, "Interpolate"));
}

/** The places where an encoder makes its image smaller. */
export function reductions(graph: Graph): Node[] {
  const strides = ({ attributes }: Node) => (attributes["strides"] ?? "").split(",").map(Number);
  return inOrder(
    graph,
    nodesOfType(graph, "Convolution").filter((node) => strides(node).every((stride) => stride === 2)),
  );
}

/** The convolution that is next behind a node. */
function convolutionBehind(graph: Graph, node: Node): Node {
  const found = dependents(graph, node).find(({ type }) => type === "Convolution");
  if (!found) throw new GraphError(`No convolution follows "${node.name}".`);
  return found;
}

/**
 * Splits a decoder in front of one of its enlargements: what is before sees everything, what is behind may see tiles.
 * @param wholeEnlargements how many enlargements stay in front of the split
 * @throws GraphError where the graph is not built so that it can be split there
 */
export function splitDecoder(graph: Graph, ends: NetworkEnds, wholeEnlargements: number): SplitNetwork {
  const at = enlargements(graph)[wholeEnlargements];
  const tensor = at?.inputs[0];
  if (!at || !tensor) throw new GraphError(`The graph "${graph.name}" enlarges its image less often.`);
  const { inputs } = channelsOf(graph, convolutionBehind(graph, at));
  const whole = cutSubgraph(graph, [], [{ tensor, name: middle }]);
  const tiled = cutSubgraph(
    graph,
    [{ tensor, name: middle, shape: [-1, inputs, -1, -1] }],
    [{ tensor: ends.output, name: ends.output }],
  );
  onlyInput(whole, ends.input);
  return { whole, tiled, tiledEnds: { input: middle, output: ends.output } };
}

/**
 * Splits an encoder behind one of its reductions: what is before may see tiles, what is behind sees everything.
 * @param tiledReductions how many reductions are in front of the split, at least 1
 * @throws GraphError where the graph is not built so that it can be split there
 */
export function splitEncoder(graph: Graph, ends: NetworkEnds, tiledReductions: number): SplitNetwork {
  const at = reductions(graph)[tiledReductions - 1];
  if (!at) throw new GraphError(`The graph "${graph.name}" reduces its image less often.`);
  const tensor: Source = { node: at.id, output: 0 };
  const tiled = cutSubgraph(graph, [], [{ tensor, name: middle }]);
  const whole = cutSubgraph(
    graph,
    [{ tensor, name: middle, shape: [-1, channelsOf(graph, at).outputs, -1, -1] }],
    [{ tensor: ends.output, name: ends.output }],
  );
  onlyInput(whole, middle);
  return { whole, tiled, tiledEnds: { input: ends.input, output: middle } };
}

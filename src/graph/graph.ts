import type { ElementType } from "./elementType.ts";
import type { XmlElement } from "./xml/xmlElement.ts";

/** A dimension that is open until inference is -1. */
export type Shape = readonly number[];

/** Where a tensor comes from: output number `output` of the node with id `node`. */
export interface Source {
  readonly node: number;
  readonly output: number;
}

/** An output of a node. OpenVINO infers shapes when it reads a graph, so that only the type has to be right. */
export interface Output {
  readonly type: ElementType;
  /** Absent where nobody has inferred it yet, and for scalars that are read. A constant always has one. */
  readonly shape?: Shape;
  /** The tensor's names; a model's inputs and outputs are addressed by them. */
  readonly names: readonly string[];
  readonly rtInfo?: XmlElement;
}

/** What a reader may stop for: the signal of whoever writes the graph. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Bytes `offset` … `offset + size` of a file. */
export interface FileData {
  readonly kind: "file";
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

/** Bytes in memory. */
export interface HeldData {
  readonly kind: "held";
  readonly bytes: Uint8Array;
}

/**
 * Bytes that are made when they are needed, in pieces. `open` may be called several times and gives the same `size`
 * bytes each time; a piece may be overwritten once the next one is asked for.
 */
export interface LazyData {
  readonly kind: "lazy";
  readonly size: number;
  open(options?: ReadOptions): AsyncIterable<Uint8Array>;
}

/** The values of a constant, row by row, little-endian. */
export type ConstantData = FileData | HeldData | LazyData;

/** An operation with its inputs and outputs. */
export interface Node {
  /** Unique in its graph. */
  readonly id: number;
  readonly name: string;
  /** As IR names it: `Const`, `Convolution`, `SoftMax`, … */
  readonly type: string;
  /** The operation set: `opset1`, `extension`, … */
  readonly version: string;
  /** As they are in the IR; those of a constant without `offset` and `size`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** An input that is left open (only operations with optional inputs) is `undefined`. */
  readonly inputs: readonly (Source | undefined)[];
  readonly outputs: readonly Output[];
  /** The values of a `Const`. */
  readonly data?: ConstantData;
  readonly rtInfo?: XmlElement;
  /** Sub-graphs of `If`, `Loop` and `TensorIterator` by their element's name: `body`, `then_body`, `else_body`. */
  readonly bodies?: Readonly<Record<string, Graph>>;
  /** What else an IR says about the node, kept as it is. */
  readonly kept?: KeptDetails;
}

/** What no pass looks at but a round trip must not lose. */
export interface KeptDetails {
  /** Attributes of the layer besides id, name, type and version. */
  readonly layerAttributes?: Readonly<Record<string, string>>;
  /** Elements inside `data`. */
  readonly dataChildren?: readonly XmlElement[];
  /** Elements of the layer besides data, input, output, rt_info and bodies (`port_map`, `back_edges`, …). */
  readonly children?: readonly XmlElement[];
  /** Port ids where they are not 0, 1, 2, …: `port_map` refers to them. */
  readonly portIds?: { readonly inputs: readonly number[]; readonly outputs: readonly number[] };
  /** `rt_info` of input ports, by input number. */
  readonly inputRtInfo?: ReadonlyMap<number, XmlElement>;
}

/** A model in OpenVINO's intermediate representation. Its inputs and outputs are in the order of the nodes. */
export interface Graph {
  readonly name: string;
  /** The IR's version. */
  readonly version: number;
  readonly nodes: readonly Node[];
  readonly rtInfo?: XmlElement;
  /** Other elements of the document, kept as they are. */
  readonly keptChildren?: readonly XmlElement[];
}

/** The number of bytes of a constant. */
export function dataSize(data: ConstantData): number {
  return data.kind === "held" ? data.bytes.byteLength : data.size;
}

/** The nodes of one type, in order. */
export function nodesOfType(graph: Graph, type: string): Node[] {
  return graph.nodes.filter((node) => node.type === type);
}

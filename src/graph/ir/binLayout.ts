import { type ConstantData, dataSize, type Graph } from "../graph.ts";
import type { Place } from "./writeXml.ts";

/** Constants begin at multiples of this, so that memory-mapped ones need not be copied. */
const alignment = 64;

/** Held constants up to this size are written once where their bytes are equal. */
const smallConstant = 4096;

/** Which constants a `.bin` holds, in order, and where. */
export interface BinLayout {
  readonly entries: readonly { readonly data: ConstantData; readonly place: Place }[];
  /** The size of the `.bin` in bytes. */
  readonly size: number;
  placeOf(data: ConstantData): Place;
}

/** Gives every constant of the graph and of its sub-graphs a place; equal ranges of a file share one. */
export function binLayout(graph: Graph): BinLayout {
  const places = new Map<unknown, Place>();
  const entries: { data: ConstantData; place: Place }[] = [];
  let size = 0;
  for (const data of constantsOf(graph)) {
    const key = identity(data);
    if (places.has(key)) continue;
    const offset = Math.ceil(size / alignment) * alignment;
    const place = { offset, size: dataSize(data) };
    places.set(key, place);
    entries.push({ data, place });
    size = offset + place.size;
  }
  const placeOf = (data: ConstantData) => places.get(identity(data)) ?? { offset: 0, size: 0 };
  return { entries, size, placeOf };
}

/** The constants of a graph and of its sub-graphs, in the order of the nodes. */
export function* constantsOf(graph: Graph): Generator<ConstantData> {
  for (const node of graph.nodes) {
    if (node.data) yield node.data;
    for (const body of Object.values(node.bodies ?? {})) yield* constantsOf(body);
  }
}

/** What tells whether two constants are the same bytes: their range, their content, or the object. */
function identity(data: ConstantData): unknown {
  if (data.kind === "file") return `file ${data.offset} ${data.size} ${data.file}`;
  if (data.kind === "held" && data.bytes.byteLength <= smallConstant) {
    return `held ${Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength).toString("latin1")}`;
  }
  return data;
}

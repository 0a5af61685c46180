import { open } from "node:fs/promises";
import { byteSize, type ElementType } from "../elementType.ts";
import type { FileData, Graph, Node } from "../graph.ts";
import { GraphEdit } from "../graphEdit.ts";
import { GraphError } from "../graphError.ts";
import type { Value } from "../operations.ts";

/** Weights of this size hold every byte there is. */
const searched = 16 * 1024 * 1024;

/**
 * Lets the small constants that passes add come out of an existing `.bin`, so that a derived graph needs none of its
 * own: each is found among the file's bytes or, for whole numbers, put together from single bytes that are.
 * @throws GraphError where a constant is not to be had that way
 */
export async function placeInBin(graph: Graph, bin: string): Promise<Graph> {
  const loose = graph.nodes.filter(({ data }) => data?.kind === "held");
  if (loose.length === 0) return graph;
  const bytes = await beginning(bin);
  const edit = new GraphEdit(graph);
  for (const node of loose) placeOne(edit, node, bytes, bin);
  return edit.finish();
}

async function beginning(bin: string): Promise<Buffer> {
  const file = await open(bin);
  try {
    const buffer = Buffer.alloc(searched);
    const { bytesRead } = await file.read(buffer, 0, searched, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function placeOne(edit: GraphEdit, node: Node, bytes: Buffer, bin: string): void {
  const { type, shape = [] } = node.outputs[0] ?? {};
  if (node.data?.kind !== "held" || type === undefined) return;
  const found = find(bytes, node.data.bytes, byteSize(type, [1]) ?? 1, bin);
  if (found) {
    edit.update(node.id, { data: found });
    return;
  }
  const numbers = wholeNumbers(type, node.data.bytes);
  if (numbers === undefined || shape.length > 1) throw notThere(node, bin);
  const parts = numbers.map((number): Value => {
    const place = find(bytes, Uint8Array.of(number & 255), 1, bin);
    if (number < -128 || number > 127 || !place) throw notThere(node, bin);
    const small = edit.insertConstant(node.id, "i8", shape.length === 0 ? [] : [1], place);
    return edit.insert(node.id, "Convert", [small], { destination_type: type });
  });
  const [only] = parts;
  const whole =
    parts.length === 1 && only ? only : edit.insert(node.id, "Concat", parts, { axis: 0 }, node.name);
  edit.redirect({ node: node.id, output: 0 }, whole);
  edit.remove(node.id);
}

/** Where bytes occur at a multiple of `alignment`. */
function find(bytes: Buffer, wanted: Uint8Array, alignment: number, bin: string): FileData | undefined {
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    if (at % alignment === 0) return { kind: "file", file: bin, offset: at, size: wanted.byteLength };
  }
  return undefined;
}

function wholeNumbers(type: ElementType, bytes: Uint8Array): number[] | undefined {
  const buffer = bytes.slice().buffer;
  if (type === "i64") return Array.from(new BigInt64Array(buffer), Number);
  if (type === "i32") return Array.from(new Int32Array(buffer));
  return undefined;
}

function notThere({ name }: Node, bin: string): GraphError {
  return new GraphError(`The constant "${name}" is not in ${bin}; write the graph with a .bin of its own.`);
}

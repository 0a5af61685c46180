import { type FileHandle, open, rm } from "node:fs/promises";
import path from "node:path";
import type { ConstantData, Graph } from "../graph.ts";
import { GraphError } from "../graphError.ts";
import { type BinLayout, binLayout, constantsOf } from "./binLayout.ts";
import { placeInBin } from "./placeInBin.ts";
import { readData } from "./readData.ts";
import { writeXml } from "./writeXml.ts";

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Called after each piece: bytes of the `.bin` written, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes a graph as an `.xml` and a `.bin`. The constants are read, or made, and written one after the other in
 * pieces; equal ranges of a file are written once. When it fails, neither file is left.
 * @throws GraphError where a constant is not as long as it says, or comes from the file that is written; the signal's
 *   reason when it is aborted
 */
export async function writeIr(
  graph: Graph,
  xml: string,
  bin: string,
  options: WriteOptions = {},
): Promise<void> {
  for (const data of constantsOf(graph)) {
    if (data.kind === "file" && path.resolve(data.file) === path.resolve(bin)) {
      throw new GraphError(`${bin} holds constants of the graph; write it to another file.`);
    }
  }
  const layout = binLayout(graph);
  try {
    await writeBin(layout, bin, options);
    await writeXml(graph, xml, layout.placeOf);
  } catch (error) {
    await rm(xml, { force: true });
    await rm(bin, { force: true });
    throw error;
  }
}

/** The number of bytes of the `.bin` that `writeIr` will write. */
export function binSize(graph: Graph): number {
  return binLayout(graph).size;
}

/**
 * Writes only an `.xml`, for a graph whose constants are in one existing `.bin`, besides small ones that passes added.
 * @throws GraphError where a constant is elsewhere (`placeInBin` says what can be done for small ones)
 */
export async function writeDerivedXml(graph: Graph, xml: string, bin: string): Promise<void> {
  const placed = await placeInBin(graph, bin);
  for (const data of constantsOf(placed)) placeIn(data, bin);
  try {
    await writeXml(placed, xml, (data) => placeIn(data, bin));
  } catch (error) {
    await rm(xml, { force: true });
    throw error;
  }
}

function placeIn(data: ConstantData, bin: string): { offset: number; size: number } {
  if (data.kind === "file" && path.resolve(data.file) === path.resolve(bin)) return data;
  throw new GraphError(`A constant of the graph is not in ${bin}; write the graph with a .bin of its own.`);
}

async function writeBin({ entries, size }: BinLayout, bin: string, options: WriteOptions): Promise<void> {
  const { signal, onProgress } = options;
  const file = await open(bin, "w");
  try {
    for (const { data, place } of entries) {
      signal?.throwIfAborted();
      let position = place.offset;
      const end = place.offset + place.size;
      for await (const piece of readData(data, { signal })) {
        signal?.throwIfAborted();
        if (position + piece.byteLength > end) throw tooLong(data, place.size);
        await writeAll(file, piece, position);
        position += piece.byteLength;
        onProgress?.(position, size);
      }
      if (position !== end) throw tooShort(data, position - place.offset, place.size);
    }
    // The last constant may be empty: the file is as long as the description says all the same.
    await file.truncate(size);
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}

function tooLong({ kind }: ConstantData, said: number): GraphError {
  return new GraphError(`A ${kind} constant gave more than the ${said} bytes it said.`);
}

function tooShort({ kind }: ConstantData, came: number, said: number): GraphError {
  return new GraphError(`A ${kind} constant gave ${came} bytes where it said ${said}.`);
}

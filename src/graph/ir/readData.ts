import { type FileHandle, open } from "node:fs/promises";
import type { ConstantData, FileData, ReadOptions } from "../graph.ts";
import { GraphError } from "../graphError.ts";

const chunkSize = 4 * 1024 * 1024;

/**
 * The bytes of a constant in pieces of at most 4 MiB (as they come, for lazy data). A piece may be overwritten once
 * the next one is asked for.
 * @throws GraphError where a file ends too early; the signal's reason when it is aborted
 */
export async function* readData(data: ConstantData, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
  if (data.kind === "held") yield data.bytes;
  else if (data.kind === "lazy") yield* data.open(options);
  else yield* readFile(data, options);
}

async function* readFile(
  { file, offset, size }: FileData,
  { signal }: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  try {
    const chunk = new Uint8Array(Math.min(chunkSize, size));
    for (let done = 0; done < size; ) {
      signal?.throwIfAborted();
      const bytesRead = await readSome(handle, chunk, offset + done, size - done);
      if (bytesRead === 0)
        throw new GraphError(`${file} ends at byte ${offset + done}, in the middle of a constant.`);
      done += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function readSome(
  handle: FileHandle,
  chunk: Uint8Array,
  position: number,
  left: number,
): Promise<number> {
  const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.byteLength, left), position);
  return bytesRead;
}

/** All bytes of a constant. Only for small ones: the caller bounds the size first. */
export async function readAllData(data: ConstantData, options: ReadOptions = {}): Promise<Uint8Array> {
  if (data.kind === "held") return data.bytes;
  const bytes = new Uint8Array(data.size);
  let filled = 0;
  for await (const piece of readData(data, options)) {
    bytes.set(piece, filled);
    filled += piece.byteLength;
  }
  return bytes;
}

import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { CheckpointError } from "./checkpointError.ts";
import { refusePickle } from "./pickle.ts";
import {
  largestHeader,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from "./safetensorsHeader.ts";
import { elementSize, type TensorSource } from "./tensorSource.ts";

/** An open set of tensors. Closing it makes its tensors unreadable. */
export interface TensorSet {
  readonly tensors: ReadonlyMap<string, TensorSource>;
  readonly metadata: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Fills `target` from `position`, however few bytes each read returns. */
async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  file: string,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0)
      throw new CheckpointError(
        "damaged",
        `${file}: the file ended at byte ${position + done} while being read.`,
      );
    done += bytesRead;
  }
}

class FileTensor implements TensorSource {
  readonly name: string;
  readonly dataType: TensorEntry["dataType"];
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly #handle: FileHandle;
  readonly #begin: number;
  readonly #file: string;

  constructor(handle: FileHandle, entry: TensorEntry, file: string) {
    this.name = entry.name;
    this.dataType = entry.dataType;
    this.shape = entry.shape;
    this.byteLength = entry.end - entry.begin;
    this.#handle = handle;
    this.#begin = entry.begin;
    this.#file = file;
  }

  async read(offset: number, target: Uint8Array): Promise<void> {
    const size = elementSize(this.dataType);
    if (offset < 0 || offset % size || target.length % size || offset + target.length > this.byteLength)
      throw new RangeError(
        `${this.name}: bytes ${offset} to ${offset + target.length} are not in the tensor.`,
      );
    await readFully(this.#handle, target, this.#begin + offset, this.#file);
  }
}

async function readHeader(
  handle: FileHandle,
  file: string,
  wholeSize: number | undefined,
): Promise<SafetensorsHeader> {
  const size = wholeSize ?? (await handle.stat()).size;
  const start = new Uint8Array(8);
  if (size < 8) throw new CheckpointError("damaged", `${file} has ${size} bytes: it is no safetensors file.`);
  await readFully(handle, start, 0, file);
  refusePickle(start, file);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  if (length > BigInt(Math.min(largestHeader, size - 8)))
    throw new CheckpointError(
      "damaged",
      `${file} is no safetensors file, or it was not downloaded whole: its header would take ${length} of ${size} bytes.`,
    );
  const header = new Uint8Array(Number(length));
  await readFully(handle, header, 8, file);
  return parseSafetensorsHeader(header, size, file);
}

/**
 * Opens a safetensors file: reads and checks its header, and leaves the values on disk.
 * @param wholeSize the size of the file in bytes, where only its header is there
 * @throws CheckpointError when it is not there, is not a safetensors file or is damaged
 */
export async function openSafetensors(path: string, wholeSize?: number): Promise<TensorSet> {
  const file = basename(path);
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw new CheckpointError("missing", `${path} cannot be opened: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    const header = await readHeader(handle, file, wholeSize);
    const tensors = new Map<string, TensorSource>();
    for (const entry of header.tensors.values()) tensors.set(entry.name, new FileTensor(handle, entry, file));
    return { tensors, metadata: header.metadata, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

import { basename } from "node:path";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import {
  largestHeader,
  parseSafetensorsHeader,
  type SafetensorsHeader,
} from "../checkpoints/safetensorsHeader.ts";
import type { RepositoryFile } from "../hub/repositoryListing.ts";

/** Reads bytes of a file of the repository. */
export type ReadBytes = (file: RepositoryFile, first: number, count: number) => Promise<Uint8Array>;

/** SDXL's own headers have 300 kB; a first read takes most of them whole. */
const firstRead = 512 * 1024;

/**
 * Reads the beginning of a safetensors file: the length of its header, in 8 bytes, and the header.
 * @throws CheckpointError where it is none
 */
export async function readHeaderBytes(file: RepositoryFile, read: ReadBytes): Promise<Uint8Array> {
  const start = await read(file, 0, Math.min(firstRead, file.size));
  const name = basename(file.path);
  if (start.length < 8) throw new CheckpointError("damaged", `${name} is no safetensors file.`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(largestHeader, file.size - 8)))
    throw new CheckpointError("damaged", `${name} is no safetensors file.`);
  const end = 8 + Number(length);
  const rest = end > start.length ? await read(file, start.length, end - start.length) : new Uint8Array(0);
  return Buffer.concat([start.subarray(0, Math.min(end, start.length)), rest]);
}

/** Reads only the header of a safetensors file. @throws CheckpointError where it is none */
export async function readRemoteHeader(file: RepositoryFile, read: ReadBytes): Promise<SafetensorsHeader> {
  const bytes = await readHeaderBytes(file, read);
  return parseSafetensorsHeader(bytes.subarray(8), file.size, basename(file.path));
}

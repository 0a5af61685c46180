import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** What a checksum is computed with, piece by piece. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  /** In hexadecimal digits. */
  digest(): string;
}

/**
 * The checksum that names a file's contents: SHA-256 for 64 digits; the id of git's blob, SHA-1 over a header and the
 * contents, for 40.
 */
export function contentHash(etag: string, size: number): ContentHash {
  const hash = createHash(etag.length === 64 ? "sha256" : "sha1");
  if (etag.length !== 64) hash.update(`blob ${size}\0`);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

/** Adds what a file holds to a checksum. @param onBytes told how many bytes were read */
export async function updateFromFile(
  hash: ContentHash,
  file: string,
  signal?: AbortSignal,
  onBytes: (count: number) => void = () => {},
): Promise<void> {
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024, signal });
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    hash.update(piece);
    onBytes(piece.byteLength);
  }
}

/** The SHA-256 of a file. */
export async function sha256Of(
  file: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<string> {
  const hash = contentHash("0".repeat(64), 0);
  await updateFromFile(hash, file, signal, onBytes);
  return hash.digest();
}

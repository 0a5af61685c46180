import { open } from "node:fs/promises";

/** Bytes that are read piece by piece, so that a large file is never held as a whole. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `offset` on; fewer than `length` where the source ends before. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A source over bytes in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read: async (offset, length) => buffer.subarray(offset, offset + length),
  };
}

/** The same source, with its first bytes read at once: for readers that take a few bytes at a time from there. */
export async function withHeadRead(source: ByteSource, length: number): Promise<ByteSource> {
  const head = await source.read(0, length);
  return {
    size: source.size,
    read: async (offset, wanted) =>
      offset + wanted <= head.length ? head.subarray(offset, offset + wanted) : source.read(offset, wanted),
  };
}

/** Opens a file as a source for the time `use` takes. */
export async function withFileSource<T>(file: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    return await use({
      size,
      read: async (offset, length) => {
        const wanted = Math.max(0, Math.min(length, size - offset));
        const buffer = Buffer.alloc(wanted);
        const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
  } finally {
    await handle.close();
  }
}

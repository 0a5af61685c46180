import type { RepositoryFile } from "./repositoryListing.ts";

/** Reads a part of a file from the hub. */
type Ask = (first: number, count: number) => Promise<Uint8Array>;

/**
 * Beginnings of files that were read to find out what a repository is: headers, configurations, graphs. Neither another
 * look at them nor the fetch asks for them again.
 */
export class KnownBeginnings {
  /** By checksum. */
  readonly #known = new Map<string, Uint8Array>();

  /** @param ask reads what is not known yet */
  async read(
    { etag, size }: RepositoryFile,
    { first, count }: { readonly first: number; readonly count: number },
    ask: Ask,
  ): Promise<Uint8Array> {
    const known = this.#known.get(etag) ?? new Uint8Array(0);
    const end = Math.min(first + count, size);
    if (end <= known.length) return known.subarray(first, end);
    if (first > known.length) return ask(first, count);
    const more = await ask(known.length, end - known.length);
    const longer = Buffer.concat([known, more]);
    this.#known.set(etag, longer);
    return longer.subarray(first, end);
  }

  /** What is known of a file; it is forgotten here. */
  take(etag: string): Uint8Array | undefined {
    const known = this.#known.get(etag);
    this.#known.delete(etag);
    return known;
  }
}

import type { HubAnswer, HubConnection } from "./hubConnection.ts";
import { hubFailure } from "./hubFailure.ts";
import { HubStatusError } from "./hubStatusError.ts";
import type { RepositoryFile } from "./repositoryListing.ts";
import { type RetryOptions, withRetries } from "./retries.ts";

/** Statuses by which a store says that its signed address has run out. */
const expired = [400, 401, 403, 404, 410];

/** A file of a repository at one commit, read by ranges. Where the hub redirects to is remembered until it expires. */
export class RemoteFile {
  readonly file: RepositoryFile;
  readonly #connection: HubConnection;
  readonly #address: string;
  #location: string | undefined;

  constructor(connection: HubConnection, repository: string, commit: string, file: RepositoryFile) {
    this.file = file;
    this.#connection = connection;
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    this.#address = `${connection.settings.endpoint}/${repository}/resolve/${commit}/${path}`;
  }

  /**
   * The bytes from `first` to `last`, both included, as they arrive. They may end early. A server without ranges sends
   * the file from its beginning; then they go on to its end, so that it is not asked for all of it once more.
   */
  async *bytes(first: number, last: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { response } = await this.#get(first, last, signal);
    const isPart = response.status === 206;
    if (isPart) this.#checkRange(response.headers.get("content-range"), first);
    const end = isPart ? last + 1 : this.file.size;
    let position = isPart ? first : 0;
    for await (const piece of response.body ?? []) {
      const bytes = piece as Uint8Array;
      const from = Math.max(0, first - position);
      // One without bounds sends more than was asked for.
      const wanted = bytes.subarray(from, Math.max(from, end - position));
      position += bytes.byteLength;
      if (wanted.byteLength > 0) yield wanted;
      if (position >= end) break;
    }
  }

  async #get(first: number, last: number, signal: AbortSignal | undefined): Promise<HubAnswer> {
    const headers = { range: `bytes=${first}-${last}` };
    if (this.#location !== undefined) {
      try {
        return await this.#connection.get(this.#location, { headers, signal });
      } catch (error) {
        if (!(error instanceof HubStatusError) || !expired.includes(error.status)) throw error;
        this.#location = undefined;
      }
    }
    const answer = await this.#connection.get(this.#address, { headers, signal });
    this.#location = answer.url;
    return answer;
  }

  #checkRange(range: string | null, first: number): void {
    const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? "");
    const isRight =
      match && Number(match[1]) === first && (match[2] === "*" || Number(match[2]) === this.file.size);
    if (!isRight) throw new Error("the hub sent another part of the file than was asked for");
  }
}

/**
 * Reads a part of a remote file into memory.
 * @throws LimnerError `download-failed`
 */
export async function readRemoteBytes(
  connection: HubConnection,
  repository: string,
  commit: string,
  file: RepositoryFile,
  { first, count }: { first: number; count: number },
  options: RetryOptions = {},
): Promise<Uint8Array> {
  const remote = new RemoteFile(connection, repository, commit, file);
  const bytes = new Uint8Array(Math.max(0, Math.min(count, file.size - first)));
  let filled = 0;
  try {
    await withRetries(async (progressed) => {
      while (filled < bytes.length) {
        const before = filled;
        for await (const piece of remote.bytes(first + filled, first + bytes.length - 1, options.signal)) {
          const wanted = piece.subarray(0, bytes.length - filled);
          bytes.set(wanted, filled);
          filled += wanted.byteLength;
          progressed();
          if (filled === bytes.length) break;
        }
        if (filled === before) throw new Error("the connection ended early");
      }
    }, options);
    return bytes;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw hubFailure(error, `${file.path} of ${repository}`, repository, connection.settings);
  }
}

import { createHash } from "node:crypto";
import { readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { makeThumbnail, openThumbnail, type Thumbnail } from "../images/thumbnail.ts";
import { boundFolder } from "../platform/boundedFolder.ts";
import { replaceFile } from "../platform/replaceFile.ts";
import { fileToRead } from "./roots.ts";

/** Where thumbnails are kept from one start to the next. */
export interface ThumbnailOptions {
  /** A folder in the user's cache. */
  directory: string;
  /** Bytes that are kept (default: 256 MiB: about 30,000). */
  limit?: number;
}

const defaultLimit = 256 * 2 ** 20;

/** The longer side where none is asked for, in pixels. */
const defaultSize = 256;

/** So many are written before the folder is looked over. */
const writesBetween = 64;

/** Small pictures of images, made once for each file, size and time. */
export class Thumbnails {
  readonly #directory: string;
  readonly #limit: number;
  /** Those that are being made: several may ask for one. */
  readonly #making = new Map<string, Promise<Thumbnail>>();
  #writes = 0;

  constructor({ directory, limit = defaultLimit }: ThumbnailOptions) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /**
   * @param file path of an image
   * @param roots folders below which reading is allowed
   * @param size longer side, in pixels (default: 256)
   * @throws LimnerError `image-unreadable` when it is missing, damaged or not below a root
   */
  async of(file: string, roots: readonly string[], size: number = defaultSize): Promise<Thumbnail> {
    const path = await fileToRead(file, roots);
    const { mtimeMs, size: bytes } = await stat(path);
    const name = createHash("sha256")
      .update(JSON.stringify([path, bytes, mtimeMs, size]))
      .digest("hex");
    const kept = join(this.#directory, `${name.slice(0, 40)}.webp`);
    const known = this.#making.get(kept);
    if (known) return known;
    const making = this.#read(kept).then((thumbnail) => thumbnail ?? this.#make(path, size, kept));
    this.#making.set(kept, making);
    try {
      return await making;
    } finally {
      this.#making.delete(kept);
    }
  }

  async #read(kept: string): Promise<Thumbnail | undefined> {
    const data = await readFile(kept).catch(() => undefined);
    const thumbnail = data && (await openThumbnail(data));
    const now = new Date();
    if (thumbnail) await utimes(kept, now, now).catch(() => undefined);
    return thumbnail;
  }

  async #make(path: string, size: number, kept: string): Promise<Thumbnail> {
    const thumbnail = await makeThumbnail(path, size);
    // One that cannot be kept is shown all the same.
    await replaceFile(kept, thumbnail.data).catch(() => undefined);
    if (this.#writes++ % writesBetween === 0) await boundFolder(this.#directory, this.#limit);
    return thumbnail;
  }
}

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PictureType } from "../../protocol/panel/picture.ts";
import { extensionOf } from "./pictureType.ts";

/** What the folder holds at most; what was used longest ago leaves first. */
export interface PictureLimits {
  readonly files: number;
  readonly bytes: number;
}

const usualLimits: PictureLimits = { files: 100, bytes: 512 * 1024 * 1024 };

/**
 * Pictures without a file of their own: pasted ones, and masks. Each is in Limner's own storage under the hash of its
 * bytes, so that the same picture is there once.
 */
export class PictureFolder {
  readonly #folder: string;
  readonly #limits: PictureLimits;

  constructor(folder: string, limits: PictureLimits = usualLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Whether a file is one of the folder's. */
  has(file: string): boolean {
    return dirname(file) === this.#folder;
  }

  /**
   * Keeps a picture.
   * @param inUse files that must stay, whenever they were used
   * @returns its path
   */
  async keep(bytes: Uint8Array, type: PictureType, inUse: ReadonlySet<string>): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
    const file = join(this.#folder, `${hash}${extensionOf(type)}`);
    const now = new Date();
    const isKnown = await utimes(file, now, now).then(
      () => true,
      () => false,
    );
    if (!isKnown) {
      const part = join(this.#folder, `${randomUUID()}.part`);
      await writeFile(part, bytes);
      await rename(part, file);
    }
    await this.#sweep(new Set([...inUse, file]));
    return file;
  }

  async #sweep(inUse: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder);
    const files = await Promise.all(
      names.map(async (name) => {
        const file = join(this.#folder, name);
        // Another window may have swept it.
        const found = await stat(file).catch(() => undefined);
        return { file, bytes: found?.size ?? 0, used: found?.mtimeMs ?? 0 };
      }),
    );
    files.sort((a, b) => Number(inUse.has(b.file)) - Number(inUse.has(a.file)) || b.used - a.used);
    let sum = 0;
    for (const [index, { file, bytes }] of files.entries()) {
      sum += bytes;
      const isTooMuch = index >= this.#limits.files || sum > this.#limits.bytes;
      if (isTooMuch && !inUse.has(file)) await rm(file, { force: true });
    }
  }
}

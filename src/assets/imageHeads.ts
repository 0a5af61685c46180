import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readImageHead } from "../images/parametersReading.ts";
import { boundFolder } from "../platform/boundedFolder.ts";
import { replaceFile } from "../platform/replaceFile.ts";
import { maximumPromptLength } from "../protocol/generateRequest.ts";
import type { ImageFile } from "./imageFiles.ts";

const headSchema = z.object({
  width: z.int().min(0),
  height: z.int().min(0),
  prompt: z.string().max(maximumPromptLength),
  seed: z.int().optional(),
  model: z.string().max(1000).optional(),
});

/** What lists tell of a generated image. */
export type GeneratedHead = z.infer<typeof headSchema>;

const rememberedSchema = z.object({
  size: z.number(),
  modified: z.number(),
  head: headSchema.nullable(),
});
type Remembered = z.infer<typeof rememberedSchema>;

/** Files of one folder by their paths. The version changes when more is read of a file than before. */
const storedSchema = z.object({ version: z.literal(1), heads: z.record(z.string(), rememberedSchema) });

/** A file of the cache: 50,000 images with prompts of a thousand characters. */
const largestFile = 64 * 2 ** 20;

async function headOf(file: string): Promise<GeneratedHead | null> {
  const head = await readImageHead(file).catch(() => undefined);
  const request = head?.found?.request;
  if (!head || request?.prompt === undefined) return null;
  const parsed = headSchema.safeParse({
    width: head.width,
    height: head.height,
    prompt: request.prompt,
    seed: request.seed,
    model: request.model,
  });
  return parsed.success ? parsed.data : null;
}

/** Where heads are kept from one start to the next. */
export interface HeadCacheOptions {
  /** A folder in the user's cache. */
  directory: string;
  /** Bytes of it that are kept (default: 64 MiB). */
  limit?: number;
}

/**
 * What the images below a folder say about themselves, read once for each file, size and time, and kept on disk: a
 * folder of thousands is listed without opening one of them.
 */
export class ImageHeads {
  readonly #file: string;
  readonly #directory: string;
  readonly #limit: number;
  #loaded: Promise<Map<string, Remembered>> | undefined;
  /** Whether more is known than what was saved. */
  #isChanged = false;

  /** @param root the folder whose images they are */
  constructor(root: string, { directory, limit = largestFile }: HeadCacheOptions) {
    const name = createHash("sha256").update(root).digest("hex").slice(0, 24);
    this.#directory = directory;
    this.#file = join(directory, `${name}.json`);
    this.#limit = limit;
  }

  /** What an image says about itself; null where the file is no generated image. */
  async of({ file, size, modified }: ImageFile): Promise<GeneratedHead | null> {
    const heads = await this.#known();
    const known = heads.get(file);
    if (known?.size === size && known.modified === modified) return known.head;
    const head = await headOf(file);
    heads.set(file, { size, modified, head });
    this.#isChanged = true;
    return head;
  }

  /**
   * Keeps on disk what was read, where that is more than before, and forgets what is gone. A cache that cannot be written
   * is no reason not to list.
   * @param files all that there are, also those that were not read
   */
  async save(files: readonly ImageFile[]): Promise<void> {
    const heads = await this.#known();
    const present = new Set(files.map(({ file }) => file));
    for (const file of heads.keys()) {
      if (present.has(file)) continue;
      heads.delete(file);
      this.#isChanged = true;
    }
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const stored = JSON.stringify({ version: 1, heads: Object.fromEntries(heads) });
    await replaceFile(this.#file, stored).catch(() => undefined);
    await boundFolder(this.#directory, this.#limit);
  }

  #known(): Promise<Map<string, Remembered>> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<Map<string, Remembered>> {
    try {
      if ((await stat(this.#file)).size > largestFile) return new Map();
      const { heads } = storedSchema.parse(JSON.parse(await readFile(this.#file, "utf8")));
      return new Map(Object.entries(heads));
    } catch {
      // There is none yet, or it is damaged or of another version: the images are read again.
      return new Map();
    }
  }
}

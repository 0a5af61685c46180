import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { readImageHead } from "../images/parametersReading.ts";
import { boundFolder } from "../platform/boundedFolder.ts";
import { replaceFile } from "../platform/replaceFile.ts";
import { forEachOf } from "../platform/taskPool.ts";
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

const parallel = 8;

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
  #heads: Map<string, Remembered> | undefined;

  /** @param root the folder whose images they are */
  constructor(root: string, { directory, limit = largestFile }: HeadCacheOptions) {
    const name = createHash("sha256").update(root).digest("hex").slice(0, 24);
    this.#directory = directory;
    this.#file = join(directory, `${name}.json`);
    this.#limit = limit;
  }

  /** The heads of those files that are generated images. What is no longer among the files is forgotten. */
  async of(files: readonly ImageFile[]): Promise<Map<string, GeneratedHead>> {
    const before = this.#heads ?? (await this.#load());
    const heads = new Map<string, Remembered>();
    let isChanged = files.length !== before.size;
    await forEachOf(files, parallel, async ({ file, size, modified }) => {
      const known = before.get(file);
      const isKnown = known?.size === size && known.modified === modified;
      heads.set(file, isKnown ? known : { size, modified, head: await headOf(file) });
      isChanged ||= !isKnown;
    });
    this.#heads = heads;
    if (isChanged) await this.#save(heads);
    return new Map([...heads].flatMap(([file, { head }]) => (head ? [[file, head] as const] : [])));
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

  /** A cache that cannot be written is no reason not to list. */
  async #save(heads: ReadonlyMap<string, Remembered>): Promise<void> {
    const stored = JSON.stringify({ version: 1, heads: Object.fromEntries(heads) });
    await replaceFile(this.#file, stored).catch(() => undefined);
    await boundFolder(this.#directory, this.#limit);
  }
}

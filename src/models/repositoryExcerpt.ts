import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RepositoryFile } from "../hub/repositoryListing.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { type ReadBytes, readHeaderBytes } from "./remoteHeader.ts";

/** What a model of the hub says about itself, on this disk: its configurations, graphs and the headers of its weights. */
export interface RepositoryExcerpt {
  readonly folder: string;
  /** By path on this disk: the sizes in bytes that weights have in the repository. */
  readonly wholeSizes: ReadonlyMap<string, number>;
}

/** Vocabularies say nothing about networks. */
const configuration = /(^|\/)(config|model_index|scheduler_config|limner|[\w.-]+\.index(\.fp16)?)\.json$/;
const largestConfiguration = 32 * 1024 * 1024;
/** The graph of SDXL's UNet has about 20 MB as exporters write it. */
const largestGraph = 128 * 1024 * 1024;

async function partOf(file: RepositoryFile, read: ReadBytes): Promise<Uint8Array | undefined> {
  const { path, size } = file;
  if (path.endsWith(".safetensors")) return readHeaderBytes(file, read);
  const isGraph = path.endsWith(".xml");
  if (!isGraph && !configuration.test(path)) return undefined;
  if (size > (isGraph ? largestGraph : largestConfiguration))
    throw new LimnerError("model-unsupported", `${path} has ${size} bytes, too many for such a file.`);
  return read(file, 0, size);
}

/**
 * Reads an excerpt, has it used, and deletes it.
 * @param files of a model; their paths are safe
 * @throws CheckpointError, LimnerError, and what `use` throws
 */
export async function withExcerpt<T>(
  files: readonly RepositoryFile[],
  read: ReadBytes,
  use: (excerpt: RepositoryExcerpt) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "limner-excerpt-"));
  try {
    const wholeSizes = new Map<string, number>();
    for (const file of files) {
      const target = join(folder, ...file.path.split("/"));
      wholeSizes.set(target, file.size);
      const part = await partOf(file, read);
      if (!part) continue;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, part);
    }
    return await use({ folder, wholeSizes });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

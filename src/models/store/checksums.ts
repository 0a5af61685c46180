import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { contentHash, sha256Of, updateFromFile } from "../../hub/contentHash.ts";
import type { StoredFile, StoredFiles } from "./storedModel.ts";

/** How a reader of files is followed and stopped. */
export interface ChecksumOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
}

/** Files below a folder, with slashes; hidden ones are left out. */
export async function filesBelow(folder: string, prefix = ""): Promise<{ path: string; size: number }[]> {
  const found: { path: string; size: number }[] = [];
  for (const { name } of await readdir(join(folder, prefix), { withFileTypes: true })) {
    if (name.startsWith(".")) continue;
    const path = prefix ? `${prefix}/${name}` : name;
    const details = await stat(join(folder, path));
    if (details.isDirectory()) found.push(...(await filesBelow(folder, path)));
    else found.push({ path, size: details.size });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Computes the checksums of files in a folder. */
export async function checksumsOf(
  folder: string,
  paths: readonly { readonly path: string; readonly size: number }[],
  { signal, onProgress }: ChecksumOptions = {},
): Promise<StoredFile[]> {
  const total = paths.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const files: StoredFile[] = [];
  for (const { path, size } of paths) {
    const digest = await sha256Of(join(folder, path), signal, (count) => {
      done += count;
      onProgress?.(done, total);
    });
    files.push({ path, size, digest });
  }
  return files;
}

/** What is wrong with a file. */
export interface FileProblem {
  /** Absolute path. */
  readonly file: string;
  readonly problem: "missing" | "size" | "content";
}

/** Reads every file again and compares it with what is known of it. */
export async function checkFiles(
  stored: StoredFiles,
  { signal, onProgress }: ChecksumOptions = {},
): Promise<FileProblem[]> {
  const total = stored.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const problems: FileProblem[] = [];
  for (const { path, size, digest } of stored.files) {
    const file = join(stored.folder, path);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) problems.push({ file, problem: "missing" });
    else if (found.size !== size) problems.push({ file, problem: "size" });
    else {
      const hash = contentHash(digest, size);
      let read = 0;
      await updateFromFile(hash, file, signal, (count) => {
        read += count;
        onProgress?.(done + read, total);
      });
      if (hash.digest() !== digest) problems.push({ file, problem: "content" });
    }
    done += size;
    onProgress?.(done, total);
  }
  return problems;
}

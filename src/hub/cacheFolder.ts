import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { secondName } from "../platform/secondName.ts";
import type { RepositoryFile } from "./repositoryListing.ts";

/** Where one repository lies in the cache: blobs by their checksums, and a folder of links for each commit. */
export interface CachedRepository {
  readonly folder: string;
  blob(etag: string): string;
  /** The file that is being fetched; it stays when a fetch is interrupted. */
  incomplete(etag: string): string;
  snapshot(commit: string): string;
  pointer(commit: string, path: string): string;
  lock(): string;
}

/** The layout of Hugging Face's Python library: `models--owner--name` with `blobs`, `snapshots` and `refs`. */
export function cachedRepository(cache: string, repository: string): CachedRepository {
  const name = ["models", ...repository.split("/")].join("--");
  const folder = join(cache, name);
  const snapshot = (commit: string) => join(folder, "snapshots", commit);
  return {
    folder,
    blob: (etag) => join(folder, "blobs", etag),
    incomplete: (etag) => join(folder, "blobs", `${etag}.incomplete`),
    snapshot,
    pointer: (commit, path) => join(snapshot(commit), ...path.split("/")),
    lock: () => join(cache, ".locks", name, "limner.lock"),
  };
}

/** The repository that a commit's folder belongs to: `<cache>/models--owner--name/snapshots/<commit>`. */
export function repositoryOf(snapshot: string, repository: string): CachedRepository {
  return cachedRepository(cacheOf(snapshot), repository);
}

/** The cache that a commit's folder lies in. */
export function cacheOf(snapshot: string): string {
  return dirname(dirname(dirname(snapshot)));
}

/** Whether a file of this size is there, links followed. */
export async function hasSize(path: string, size: number): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile() && found.size === size,
    () => false,
  );
}

/** The bytes of a file; 0 where there is none. */
export async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Puts a file into a commit's folder: a relative link, or where links are not allowed the file itself. */
export async function linkIntoSnapshot(
  cached: CachedRepository,
  commit: string,
  { path, etag, size }: RepositoryFile,
): Promise<void> {
  const pointer = cached.pointer(commit, path);
  if (await hasSize(pointer, size)) return;
  await mkdir(dirname(pointer), { recursive: true });
  await rm(pointer, { force: true });
  try {
    await symlink(relative(dirname(pointer), cached.blob(etag)), pointer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // Windows lets only developers and administrators make such links; FAT and some shares know none.
    if (code !== "EPERM" && code !== "ENOSYS" && code !== "EACCES" && code !== "ENOTSUP") throw error;
    await secondName(cached.blob(etag), pointer);
  }
}

/** Notes which commit a branch or tag stands for, as the Python library looks it up when it is offline. */
export async function writeReference(
  cached: CachedRepository,
  revision: string,
  commit: string,
): Promise<void> {
  if (revision === commit) return;
  const file = join(cached.folder, "refs", ...revision.split("/"));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, commit);
}

/** The commit that a branch, a tag or a commit's own id stands for in the cache. */
export async function readReference(cached: CachedRepository, revision: string): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision;
  const text = await readFile(join(cached.folder, "refs", ...revision.split("/")), "utf8").catch(() => "");
  const commit = text.trim();
  return /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
}

import { readdir, readlink, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { cachedRepository, readReference } from "./cacheFolder.ts";
import { sha256Of } from "./contentHash.ts";
import { offlineError } from "./hubFailure.ts";
import type { HubSettings } from "./hubSettings.ts";
import type { Repository, RepositoryFile } from "./repositoryListing.ts";
import type { RepositoryName } from "./repositoryName.ts";

async function describe(folder: string, path: string): Promise<RepositoryFile | undefined> {
  const file = join(folder, path);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const blob = basename(await readlink(file).catch(() => ""));
  // Where links are not allowed the file itself is there, and its checksum is not in a name.
  const etag = /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(blob) ? blob : await sha256Of(file);
  return { path, size: found.size, etag };
}

async function listBelow(folder: string, prefix = ""): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix ? `${prefix}/${entry.name}` : entry.name;
    if (entry.isDirectory()) files.push(...(await listBelow(folder, path)));
    else {
      const file = await describe(folder, path);
      if (file) files.push(file);
    }
  }
  return files;
}

/**
 * What the cache has of a repository, without the network.
 * @throws LimnerError `download-failed` where it has nothing of it
 */
export async function cachedListing(settings: HubSettings, name: RepositoryName): Promise<Repository> {
  const { repository, revision = "main" } = name;
  const cached = cachedRepository(settings.cache, repository);
  const commit = await readReference(cached, revision);
  const folder = commit === undefined ? undefined : cached.snapshot(commit);
  const files = folder === undefined ? [] : await listBelow(folder).catch(() => []);
  if (commit === undefined || files.length === 0) throw offlineError(repository);
  return { repository, revision, commit, gated: false, files };
}

/** The path of a cached file. */
export function cachedFile(settings: HubSettings, { repository, commit }: Repository, path: string): string {
  return cachedRepository(settings.cache, repository).pointer(commit, path);
}

import { readdir, readlink, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type CachedRepository, fileSize, repositoryOf } from "../../hub/cacheFolder.ts";
import { withLock } from "../../platform/lock.ts";
import { fetchedKey, type ModelStore } from "./modelStore.ts";
import type { StoredFiles } from "./storedModel.ts";

/** The blobs that links below a folder lead to. */
async function linkedBlobs(folder: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const blob of await linkedBlobs(path)) found.add(blob);
    else if (entry.isSymbolicLink()) found.add(resolve(dirname(path), await readlink(path)));
  }
  return found;
}

/** Removes folders that have become empty, up to and with `top`. */
async function removeEmptyFolders(from: string, top: string): Promise<void> {
  for (let folder = from; folder.startsWith(top); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

/**
 * Deletes from the hub's cache what Limner fetched of some files and nothing else uses: neither another model of the
 * store nor another commit of the repository.
 * @param others files of the models that stay
 * @returns how many bytes became free
 */
export async function removeFromHub(
  store: ModelStore,
  files: StoredFiles,
  others: readonly StoredFiles[],
): Promise<number> {
  const { hub } = files;
  if (!hub) return 0;
  const cached = repositoryOf(files.folder, hub.repository);
  // A fetch of another process finds files there and counts on them until it has noted them.
  return withLock(cached.lock(), () => removeLocked(store, cached, { ...files, hub }, others));
}

async function removeLocked(
  store: ModelStore,
  cached: CachedRepository,
  files: StoredFiles & { readonly hub: NonNullable<StoredFiles["hub"]> },
  others: readonly StoredFiles[],
): Promise<number> {
  const { hub } = files;
  const root = cached.folder;
  const index = store.read();
  const [mine, begun] = [new Set(index.fetched), new Set(index.begun)];
  const used = new Set(
    others
      .filter((one) => one.hub?.repository === hub.repository)
      .flatMap((one) => one.files.map(({ digest }) => digest)),
  );
  const fetched = files.files.filter(({ digest }) => mine.has(fetchedKey(hub.repository, digest)));
  const named = new Set(
    others.filter((one) => one.folder === files.folder).flatMap((one) => one.files.map(({ path }) => path)),
  );
  for (const { path } of fetched) {
    if (named.has(path)) continue;
    const pointer = cached.pointer(hub.commit, path);
    await rm(pointer, { force: true });
    await removeEmptyFolders(dirname(pointer), join(root, "snapshots"));
  }
  const linked = await linkedBlobs(join(root, "snapshots"));
  let bytes = 0;
  const gone = new Set<string>();
  for (const { digest, size } of fetched) {
    const blob = cached.blob(digest);
    if (used.has(digest) || linked.has(resolve(blob)) || gone.has(digest)) continue;
    await rm(blob, { force: true });
    gone.add(digest);
    bytes += size;
  }
  for (const { digest } of files.files) {
    if (used.has(digest) || !begun.has(fetchedKey(hub.repository, digest))) continue;
    const incomplete = cached.incomplete(digest);
    bytes += await fileSize(incomplete);
    await rm(incomplete, { force: true });
    gone.add(digest);
  }
  await removeRemains(root);
  const keys = new Set([...gone].map((digest) => fetchedKey(hub.repository, digest)));
  await store.change((now) => ({
    ...now,
    fetched: now.fetched.filter((key) => !keys.has(key)),
    begun: now.begun.filter((key) => !keys.has(key)),
  }));
  return bytes;
}

/** A repository without blobs and commits is nothing: its branches' names go too. */
async function removeRemains(root: string): Promise<void> {
  const left = async (name: string) => (await readdir(join(root, name)).catch(() => [])).length;
  if ((await left("blobs")) > 0 || (await left("snapshots")) > 0) return;
  for (const name of ["blobs", "snapshots"]) await rmdir(join(root, name)).catch(() => undefined);
  await rm(join(root, "refs"), { recursive: true, force: true });
  await rmdir(root).catch(() => undefined);
}

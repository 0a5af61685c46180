import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { removeFromHub } from "./hubRemoval.ts";
import type { ModelStore } from "./modelStore.ts";
import { bytesOf, partsOf, type StoredFiles } from "./storedModel.ts";

/** What the removal of some files came to. */
export interface FilesRemoval {
  readonly bytes: number;
  /** Whether some stay: they are not Limner's, or in use. */
  readonly kept: boolean;
}

/**
 * Deletes files that no model of the index names any more: those of the store, and those of the hub's cache that Limner
 * fetched and nothing else uses. The user's own stay.
 */
export async function removeFiles(store: ModelStore, files: StoredFiles): Promise<FilesRemoval> {
  switch (files.place) {
    case "user":
      return { bytes: 0, kept: true };
    case "hub": {
      const bytes = await removeFromHub(store, files, store.read().models.flatMap(partsOf));
      return { bytes, kept: files.files.some(({ path }) => existsSync(join(files.folder, path))) };
    }
    case "store":
      // Whatever the index says: only what is directly in the store's own folder.
      if (dirname(resolve(files.folder)) !== resolve(store.folder)) return { bytes: 0, kept: true };
      await rm(files.folder, { recursive: true, force: true });
      return { bytes: bytesOf(files), kept: false };
  }
}

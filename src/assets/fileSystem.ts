import { link, mkdir, open, readdir, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that was created anew and is being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Waits until the disk has it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What writing assets asks of the file system. Failures are Node's, with their `code`. */
export interface FileSystem {
  /** Creates a file that must not exist (`EEXIST`). */
  create(path: string): Promise<NewFile>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  createFolders(path: string): Promise<void>;
  /** The path without symbolic links. */
  resolve(path: string): Promise<string>;
  list(folder: string): Promise<string[]>;
  /** When a file was last changed, in milliseconds since 1970. */
  changed(path: string): Promise<number>;
  /** Waits until the disk has a folder's entries, where the system can. */
  syncFolder(path: string): Promise<void>;
}

/**
 * Creates a folder and those above it. Node's own way never returns where a folder cannot be created and the system
 * says that it is missing, as it does below `/proc`.
 */
async function createFolders(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await createFolders(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      // Another process may have been faster.
      if (codeOf(again) !== "EEXIST") throw again;
    });
  }
}

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  async create(path) {
    const handle = await open(path, "wx");
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  link,
  rename,
  remove: unlink,
  createFolders,
  resolve: realpath,
  list: readdir,
  changed: async (path) => (await stat(path)).mtimeMs,
  async syncFolder(path) {
    // Windows opens no folders; there the file's own sync has to do.
    if (process.platform === "win32") return;
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The system's code of a failure, such as `ENOSPC`; empty when it has none. */
export function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

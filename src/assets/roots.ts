import { basename, dirname, join, resolve } from "node:path";
import { isWithin } from "../platform/pathContainment.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { codeOf, type FileSystem, nodeFileSystem } from "./fileSystem.ts";

/** A path without symbolic links, as far as it exists; what does not exist yet is kept as it is. */
async function resolveExisting(fileSystem: FileSystem, path: string): Promise<string> {
  try {
    return await fileSystem.resolve(path);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== "ENOENT" || parent === path) throw error;
    return join(await resolveExisting(fileSystem, parent), basename(path));
  }
}

function refused(file: string, roots: readonly string[]): LimnerError {
  const allowed =
    roots.length === 0 ? "there is no folder to write to" : `it is not below ${roots.join(" or ")}`;
  return new LimnerError("write-failed", `${file} was not written: ${allowed}. Choose a path in there.`);
}

/**
 * The folder to write in, created where it is missing, without symbolic links. Links are followed now, not when the
 * request came in, and looked at again once the folders exist: a folder may have become a link in between.
 * @param file absolute path of the file to write
 * @param roots folders below which writing is allowed; created where missing
 * @throws LimnerError `write-failed` when the folder is not below a root; the system's errors as they are
 */
export async function folderToWrite(
  fileSystem: FileSystem,
  file: string,
  roots: readonly string[],
): Promise<string> {
  const allowed = await Promise.all(roots.map((root) => resolveExisting(fileSystem, resolve(root))));
  const check = (folder: string) => {
    if (!allowed.some((root) => isWithin(root, folder))) throw refused(file, roots);
  };
  const planned = await resolveExisting(fileSystem, dirname(file));
  check(planned);
  await fileSystem.createFolders(planned);
  const folder = await fileSystem.resolve(planned);
  check(folder);
  return folder;
}

/** Folders without symbolic links, each once; those that are missing are left out. */
export async function resolvedRoots(
  roots: readonly string[],
  fileSystem: FileSystem = nodeFileSystem,
): Promise<string[]> {
  const found = await Promise.all(
    roots.map((root) => fileSystem.resolve(resolve(root)).catch(() => undefined)),
  );
  return [...new Set(found.filter((root) => root !== undefined))];
}

/**
 * The file to read, without symbolic links: what is read then is what was looked at.
 * @param file path of an image
 * @param roots folders below which reading is allowed
 * @throws LimnerError `image-unreadable` when it is missing or not below a root
 */
export async function fileToRead(
  file: string,
  roots: readonly string[],
  fileSystem: FileSystem = nodeFileSystem,
): Promise<string> {
  const path = await fileSystem.resolve(resolve(file)).catch((error: unknown) => {
    throw new LimnerError(
      "image-unreadable",
      `${file} cannot be opened (${codeOf(error)}). Check the path.`,
      {
        cause: error,
      },
    );
  });
  const allowed = await resolvedRoots(roots, fileSystem);
  if (allowed.some((root) => isWithin(root, path))) return path;
  const places =
    roots.length === 0 ? "there is no folder to read from" : `it is not below ${roots.join(" or ")}`;
  throw new LimnerError("image-unreadable", `${file} was not read: ${places}. Choose an image in there.`);
}

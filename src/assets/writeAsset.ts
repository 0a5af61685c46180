import { basename, dirname, join, resolve } from "node:path";
import { LimnerError } from "../protocol/limnerError.ts";
import { numberedName } from "./fileName.ts";
import { codeOf, type FileSystem, nodeFileSystem } from "./fileSystem.ts";
import { folderToWrite } from "./roots.ts";
import { removeAbandoned, temporaryName } from "./temporaryFile.ts";
import { writeFailure } from "./writeFailure.ts";

/** What to write, and where. */
export interface AssetRequest {
  /** Path of the file; a number is added to its name when it is taken. Relative to the working folder. */
  path: string;
  bytes: Uint8Array;
  /** Folders below which writing is allowed. */
  roots: readonly string[];
}

/** Numbers tried before giving up on a name. */
const maximumNumber = 100_000;

/** What `link` says where the file system has no hard links: FAT, exFAT and some network drives. */
const withoutLinks: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
  "EACCES",
  "UNKNOWN",
]);

/** Folders this process has tidied: what a killed process left needs looking for once. */
const tidied = new Set<string>();

async function writeTemporary(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fileSystem.create(path);
  try {
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the finished file its name if that is free: a link never replaces a file. */
async function linkInto(fileSystem: FileSystem, temporary: string, target: string): Promise<void> {
  await fileSystem.link(temporary, target);
  // The asset is there: a second name that cannot be removed is tidied up later.
  await fileSystem.remove(temporary).catch(() => undefined);
}

/**
 * The same without hard links: an empty file created exclusively reserves the name, and the finished file replaces
 * it. Whoever else writes by these rules finds the name taken.
 */
async function renameInto(fileSystem: FileSystem, temporary: string, target: string): Promise<void> {
  const reservation = await fileSystem.create(target);
  try {
    await reservation.close();
    await fileSystem.rename(temporary, target);
  } catch (error) {
    await fileSystem.remove(target).catch(() => undefined);
    throw error;
  }
}

async function place(fileSystem: FileSystem, temporary: string, target: string): Promise<void> {
  try {
    await linkInto(fileSystem, temporary, target);
  } catch (error) {
    if (!withoutLinks.has(codeOf(error))) throw error;
    await renameInto(fileSystem, temporary, target);
  }
}

/** Tries the name and its numbered followers until one is free. Returns the one taken. */
async function placeNumbered(
  fileSystem: FileSystem,
  temporary: string,
  folder: string,
  name: string,
): Promise<string> {
  for (let number = 1; number <= maximumNumber; number++) {
    const candidate = numberedName(name, number);
    try {
      await place(fileSystem, temporary, join(folder, candidate));
      return candidate;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
  throw new LimnerError(
    "write-failed",
    `${join(folder, name)} was not written: ${maximumNumber} files have its name already. Choose another name.`,
  );
}

/**
 * Writes a file that was not there: never over another, never half, only below the roots. The bytes go to a hidden
 * file beside it, to the disk, and only then get their name; of two writers that race for one, the second gets the
 * next number. Folders that are missing are created. Nothing is left behind when it fails.
 * @returns the path of the file as written
 * @throws LimnerError `write-failed`
 */
export async function writeAsset(
  { path, bytes, roots }: AssetRequest,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<string> {
  const file = resolve(path);
  let temporary: string | undefined;
  try {
    const folder = await folderToWrite(fileSystem, file, roots);
    if (!tidied.has(folder)) {
      tidied.add(folder);
      await removeAbandoned(fileSystem, folder);
    }
    temporary = join(folder, temporaryName());
    await writeTemporary(fileSystem, temporary, bytes);
    const name = await placeNumbered(fileSystem, temporary, folder, basename(file));
    await fileSystem.syncFolder(folder).catch(() => undefined);
    return join(dirname(file), name);
  } catch (error) {
    if (temporary) await fileSystem.remove(temporary).catch(() => undefined);
    throw writeFailure(file, error);
  }
}

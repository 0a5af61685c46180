import { join, resolve } from "node:path";
import { type FileSystem, nodeFileSystem } from "./fileSystem.ts";
import { folderToWrite } from "./roots.ts";
import { temporaryName } from "./temporaryFile.ts";
import { writeFailure } from "./writeFailure.ts";

/**
 * Finds out before minutes of drawing whether a file could be written: its folder is created where it is missing, and
 * an empty file is made in it and removed.
 * @param path of a file that is to be written later; relative to the working folder
 * @param roots folders below which writing is allowed
 * @throws LimnerError `write-failed`, the same sentence that writing would end in
 */
export async function checkWritable(
  path: string,
  roots: readonly string[],
  fileSystem: FileSystem = nodeFileSystem,
): Promise<void> {
  const file = resolve(path);
  try {
    const probe = join(await folderToWrite(fileSystem, file, roots), temporaryName());
    const handle = await fileSystem.create(probe);
    await handle.close();
    await fileSystem.remove(probe);
  } catch (error) {
    throw writeFailure(file, error);
  }
}

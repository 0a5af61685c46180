import { copyFile, link, rename } from "node:fs/promises";

/**
 * Gives a file a second name that takes no room on the disk (a hard link, which needs no privilege on Windows); a copy
 * where the file system has no such thing, or the names are on two disks.
 */
export async function secondName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    const partial = `${to}.${process.pid}.partial`;
    await copyFile(from, partial);
    await rename(partial, to);
  }
}

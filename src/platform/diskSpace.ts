import { statfs } from "node:fs/promises";

/** The bytes that a user may still write to the disk of a folder, which must exist. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Number(bavail) * Number(bsize);
}

import { rename, rm } from "node:fs/promises";

/**
 * Puts a folder in the place of another, which goes when the new one is there; where that fails, the old one stays.
 * @param fresh beside `folder`
 */
export async function replaceFolder(fresh: string, folder: string): Promise<void> {
  const old = `${folder}~old`;
  await rm(old, { recursive: true, force: true });
  const isReplaced = await rename(folder, old).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  try {
    await rename(fresh, folder);
  } catch (error) {
    if (isReplaced) await rename(old, folder);
    throw error;
  }
  // What a process holds open cannot go on Windows; the next replacement takes it along.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

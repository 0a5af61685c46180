import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes the files of a folder that were not changed for longest, until the others have so many bytes at most. A file
 * that counts as used is one whose time was set (`utimes`). Never fails: what cannot be removed stays.
 */
export async function boundFolder(folder: string, limit: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const stats = await stat(file).catch(() => undefined);
      return stats?.isFile() ? [{ file, size: stats.size, changed: stats.mtimeMs }] : [];
    }),
  );
  const files = found.flat().sort((a, b) => a.changed - b.changed);
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of files) {
    if (total <= limit) return;
    const isGone = await rm(file, { force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) total -= size;
  }
}

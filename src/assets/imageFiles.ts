import type { Dirent, Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { imageFormatOf } from "../images/imageFormat.ts";
import { forEachOf } from "../platform/taskPool.ts";

/** A file that may be a picture, by its name. */
export interface ImageFile {
  /** Absolute path. */
  file: string;
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
}

/** The most that is walked over of folders nobody vouches for. */
const limits = { depth: 16, folders: 20_000, files: 50_000 };

/** Folders that hold no one's pictures but very many files. */
const passedOver: ReadonlySet<string> = new Set(["node_modules", "__pycache__", "venv"]);

const parallel = 8;

function isWalked({ name }: Dirent): boolean {
  return !name.startsWith(".") && !passedOver.has(name);
}

/** What a walk found. */
export interface ImageFolders {
  files: ImageFile[];
  /** Folders that hold pictures, and those above them up to the root. */
  folders: ReadonlySet<string>;
}

/**
 * The files below a folder whose names are those of pictures. Symbolic links are not followed, so that nothing outside
 * is found; hidden folders and those of packages are passed over. What cannot be read is left out.
 * @param root absolute path, without symbolic links
 */
export async function findImageFiles(root: string): Promise<ImageFolders> {
  const files: ImageFile[] = [];
  const folders = new Set<string>([root]);
  let walked = 0;
  let level: { folder: string; above: readonly string[] }[] = [{ folder: root, above: [] }];
  for (let depth = 0; level.length > 0 && depth < limits.depth; depth++) {
    const next: typeof level = [];
    await forEachOf(level, parallel, async ({ folder, above }) => {
      if (++walked > limits.folders || files.length >= limits.files) return;
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      const around = [...above, folder];
      for (const entry of entries) {
        if (entry.isDirectory() && isWalked(entry))
          next.push({ folder: join(folder, entry.name), above: around });
      }
      const names = entries
        .filter((entry) => entry.isFile() && imageFormatOf(entry.name))
        .map(({ name }) => name);
      if (names.length > 0) for (const one of around) folders.add(one);
      for (const found of await Promise.all(names.map((name) => fileOf(join(folder, name))))) {
        if (found && files.length < limits.files) files.push(found);
      }
    });
    level = next;
  }
  return { files, folders };
}

async function fileOf(file: string): Promise<ImageFile | undefined> {
  const stats: Stats | undefined = await stat(file).catch(() => undefined);
  return stats?.isFile() ? { file, size: stats.size, modified: stats.mtimeMs } : undefined;
}

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files below a folder, by their paths with slashes, for a repository of the hub server. */
export function servedFolder(folder: string, prefix = ""): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const name of readdirSync(join(folder, prefix))) {
    const path = prefix ? `${prefix}/${name}` : name;
    if (statSync(join(folder, path)).isDirectory()) Object.assign(files, servedFolder(folder, path));
    else files[path] = readFileSync(join(folder, path));
  }
  return files;
}

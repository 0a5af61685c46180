import { posix, win32 } from "node:path";

/** Whether a path is a folder or below it. Both absolute and without symbolic links. */
export function isWithin(folder: string, path: string, platform = process.platform): boolean {
  const { relative, isAbsolute, sep } = platform === "win32" ? win32 : posix;
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Whether a file is below a folder, and not the folder itself. Both absolute. */
export function isBelow(folder: string, file: string, platform = process.platform): boolean {
  const { relative } = platform === "win32" ? win32 : posix;
  return relative(folder, file) !== "" && isWithin(folder, file, platform);
}

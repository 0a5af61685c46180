import { posix, win32 } from "node:path";

/** Whether a file is below a folder. Both absolute. */
export function isBelow(folder: string, file: string, platform = process.platform): boolean {
  const path = platform === "win32" ? win32 : posix;
  const way = path.relative(folder, file);
  return way !== "" && way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

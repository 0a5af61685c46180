import { readFileSync } from "node:fs";

/**
 * The system's GLib that this process has loaded, as Electron links it and as `LD_PRELOAD` may bring it in: the path of
 * its object system, or nothing. Linux alone tells.
 * @param maps what is mapped into the process, as `/proc/self/maps` lists it
 */
export function loadedGlib(maps: () => string = mapsOfThisProcess): string | undefined {
  return /\s(\/\S*\/libgobject-2\.0\.so\S*)$/m.exec(maps())?.[1];
}

function mapsOfThisProcess(): string {
  try {
    return readFileSync("/proc/self/maps", "utf8");
  } catch {
    return "";
  }
}

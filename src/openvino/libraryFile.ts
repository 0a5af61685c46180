import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where the C library lies below a folder that somebody names: the folder itself, a wheel, an archive. */
const places = [
  ".",
  "libs",
  join("openvino", "libs"),
  "lib",
  "lib64",
  ...["intel64", "aarch64", "arm64"].map((processor) => join("runtime", "lib", processor)),
  join("runtime", "lib", "arm64", "Release"),
  join("runtime", "bin", "intel64", "Release"),
];

const names: Partial<Record<NodeJS.Platform, RegExp>> = {
  win32: /^openvino_c\.dll$/i,
  darwin: /^libopenvino_c(\.\d+)*\.dylib$/,
};
const elfName = /^libopenvino_c\.so(\.\d+)*$/;

/** The path of OpenVINO's C library: `path` itself where it is a file, else the newest in or below that folder. */
export function findLibrary(path: string, platform: NodeJS.Platform): string | undefined {
  if (isFile(path)) return path;
  const pattern = names[platform] ?? elfName;
  for (const place of places) {
    const folder = join(path, place);
    const found = fileNames(folder)
      .filter((name) => pattern.test(name))
      .sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    if (found[0] !== undefined) return join(folder, found[0]);
  }
  return undefined;
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of Limner's own `package.json`, in a checkout as in an installed package, found by walking up from
 * a module.
 * @param moduleUrl this module's own by default; a CommonJS bundle has none: `pathToFileURL(__filename).href`
 * @throws Error where no folder above is Limner's
 */
export function packageRoot(moduleUrl: string = import.meta.url): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let folder = start; ; folder = dirname(folder)) {
    if (packageName(join(folder, "package.json")) === "limner") return folder;
    if (folder === dirname(folder)) throw new Error(`no folder above ${start} holds Limner's package.json`);
  }
}

function packageName(file: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof manifest === "object" && manifest !== null && "name" in manifest
      ? manifest.name
      : undefined;
  } catch {
    return undefined;
  }
}

// Runs a program of the project that is written in TypeScript: bundled, in this process.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./install.mjs";

/**
 * @param {string} script path of the program
 * @param {string[]} args what it finds in process.argv
 */
export async function runTypeScript(script, args) {
  const { build } = await import("esbuild");
  // Below the project, so that packages are found.
  const folder = mkdtempSync(join(root, "node_modules", ".run-"));
  try {
    const outfile = join(folder, "program.mjs");
    await build({
      entryPoints: [script],
      outfile,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20.9",
      logLevel: "warning",
    });
    process.argv = [process.argv[0], script, ...args];
    await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

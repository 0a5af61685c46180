// Runs a benchmark written in TypeScript: node bench/run.mjs bench/convert/synthesize.ts [arguments…]
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error("Usage: node bench/run.mjs SCRIPT.ts [arguments…]");
  process.exit(2);
}
// Below the project, so that packages are found.
const folder = mkdtempSync(join(import.meta.dirname, "..", "node_modules", ".bench-"));
try {
  const outfile = join(folder, "bench.mjs");
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

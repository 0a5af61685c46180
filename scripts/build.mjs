// Bundles the command line and the extension with esbuild. Run directly, it always builds; `ensureBuilt`
// builds only when a source file is newer than the last bundle.
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

const stampFile = join(root, "dist", ".built");
const inputs = ["src", "package.json", "package-lock.json", "scripts/build.mjs"];

/** What native or data-carrying packages need from node_modules at run time: they are never bundled. */
const external = ["koffi", "openvino-node", "sharp", "vscode"];

const bundles = [
  { in: "src/cli/main.ts", out: "limner.js", format: "esm" },
  { in: "src/convert/conversionWorker.ts", out: "conversionWorker.js", format: "esm" },
  { in: "src/extension/extension.ts", out: "extension.cjs", format: "cjs" },
];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Builds every bundle into dist/. */
export async function build() {
  const { build: esbuild } = await import("esbuild");
  for (const bundle of bundles) {
    await esbuild({
      entryPoints: [join(root, bundle.in)],
      outfile: join(root, "dist", bundle.out),
      bundle: true,
      platform: "node",
      target: "node20.9",
      format: bundle.format,
      sourcemap: true,
      external,
      // Packages written for CommonJS call require(), which an ES module does not have.
      banner:
        bundle.format === "esm"
          ? {
              js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
            }
          : {},
      logLevel: "warning",
    });
  }
  writeFileSync(stampFile, "");
}

/** Builds when a source is newer than the last build. */
export async function ensureBuilt() {
  const built = existsSync(stampFile) ? statSync(stampFile).mtimeMs : 0;
  if (inputs.some((input) => newest(join(root, input)) > built)) {
    console.error("Building…");
    await build();
  }
}

if (process.argv[1] === join(root, "scripts", "build.mjs")) await build();

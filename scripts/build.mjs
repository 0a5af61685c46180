// Bundles the command line, the extension and the panel's page with esbuild. Run directly, it always builds; `ensureBuilt`
// builds only when a source file is newer than the last bundle.
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

const stampFile = join(root, "dist", ".built");
const inputs = ["src", "webview", "package.json", "package-lock.json", "scripts/build.mjs"];

/** What native or data-carrying packages need from node_modules at run time: they are never bundled. */
const external = ["koffi", "openvino-node", "sharp", "vscode"];

/** ES modules, which share chunks: what is imported on demand is not loaded before. */
const programs = {
  limner: "src/cli/main.ts",
  host: "src/host/main.ts",
  conversionWorker: "src/convert/conversionWorker.ts",
};

/** When the newest file at or below a path was changed, in milliseconds. */
export function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const shared = {
  bundle: true,
  platform: "node",
  target: "node20.9",
  sourcemap: true,
  external,
  metafile: true,
  absWorkingDir: root,
  logLevel: "warning",
};

/** The folders of the packages whose code is in bundles, in order. */
function packagesIn(...metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.map((input) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/**
 * Bundles the extension as CommonJS, which VS Code loads, in chunks: VS Code waits while the first is read, and what is
 * imported on demand is not read before. esbuild makes chunks of ES modules only, so each is turned into CommonJS.
 * @returns esbuild's metafile
 */
async function buildExtension(dist) {
  const { build: esbuild, transform } = await import("esbuild");
  const { metafile, outputFiles } = await esbuild({
    ...shared,
    entryPoints: { extension: join(root, "src/extension/extension.ts") },
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    chunkNames: "chunk-[hash]",
    format: "esm",
    splitting: true,
    sourcemap: "inline",
    write: false,
  });
  for (const { path, text } of outputFiles) {
    const { code, map } = await transform(text, {
      format: "cjs",
      platform: "node",
      target: shared.target,
      // As require(), which VS Code gives `vscode` to.
      supported: { "dynamic-import": false },
      minify: true,
      sourcefile: basename(path),
      sourcemap: "external",
    });
    writeFileSync(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
    writeFileSync(`${path}.map`, map);
  }
  return metafile;
}

/** Builds every bundle into dist/ and removes the chunks of earlier builds. */
export async function build() {
  const { build: esbuild } = await import("esbuild");
  const dist = join(root, "dist");
  const { metafile } = await esbuild({
    ...shared,
    entryPoints: Object.entries(programs).map(([out, source]) => ({ in: join(root, source), out })),
    outdir: dist,
    chunkNames: "chunk-[hash]",
    format: "esm",
    splitting: true,
    // Packages written for CommonJS call require(), which an ES module does not have.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  const extension = await buildExtension(dist);
  const webview = await esbuild({
    bundle: true,
    platform: "browser",
    target: "chrome120",
    format: "esm",
    minify: true,
    sourcemap: true,
    metafile: true,
    absWorkingDir: root,
    logLevel: "warning",
    // Lit warns of development builds, which esbuild would take otherwise.
    conditions: ["production"],
    entryPoints: {
      main: join(root, "webview/main.ts"),
      panel: join(root, "webview/panel.css"),
      codicon: join(root, "node_modules/@vscode/codicons/dist/codicon.css"),
    },
    outdir: join(dist, "webview"),
    assetNames: "[name]",
    loader: { ".ttf": "file" },
  });
  const outputs = [metafile, extension].flatMap((built) => Object.keys(built.outputs));
  const built = new Set(outputs.map((path) => basename(path)));
  const stale = readdirSync(dist).filter((name) => name.startsWith("chunk-") && !built.has(name));
  for (const name of stale) rmSync(join(dist, name), { force: true });
  // Which licenses a packaged Limner has to name.
  const bundled = JSON.stringify(packagesIn(metafile, extension, webview.metafile));
  writeFileSync(join(dist, "bundled.json"), bundled);
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

if (process.argv[1] === join(root, "scripts", "build.mjs")) {
  ensureInstalled({ minimum: [20, 9] });
  await build();
}

import { join } from "node:path";
import { build } from "esbuild";

/** Bundles `fetchingProcess.ts` into a folder, so that processes of it start fast. @returns the program */
export async function fetchingProgram(folder: string): Promise<string> {
  const program = join(folder, "fetching.mjs");
  await build({
    entryPoints: [join(import.meta.dirname ?? "", "fetchingProcess.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return program;
}

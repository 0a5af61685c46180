import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { contentProblems, programsOf } from "./contents.ts";
import type { Target } from "./targets.ts";
import { readZipDirectory, setModes, type ZipEntry } from "./zipDirectory.ts";

/** A package that was made and checked. */
export interface Vsix {
  readonly file: string;
  readonly bytes: number;
  readonly entries: readonly ZipEntry[];
}

/**
 * Packs a staged folder with vsce and checks what came out.
 * @param folder what `stage` assembled
 * @param file where the package goes; one that is there is replaced
 * @throws Error with every problem of the contents
 */
export function pack(target: Target, folder: string, file: string): Vsix {
  mkdirSync(dirname(file), { recursive: true });
  const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
  const parameters = ["package", "--target", target.name, "--out", file, "--no-update-package-json"];
  // The secrets that vsce looks for are looked for in text files of ours; Node and OpenVINO have hundreds of MB.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vsce, ...parameters, "--allow-package-all-secrets"],
    { cwd: folder, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`vsce failed:\n${stdout}${stderr}`);
  setModes(
    file,
    programsOf(target).map((name) => `extension/${name}`),
  );
  const bytes = readFileSync(file);
  const entries = readZipDirectory(bytes);
  const problems = contentProblems(target, entries, bytes.length);
  if (problems.length > 0) throw new Error(`${file} is not as it must be:\n${problems.join("\n")}`);
  return { file, bytes: bytes.length, entries };
}

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npm } from "../scripts/npm.mjs";
import { writeNotices } from "./notices.ts";
import { carryOpenVino } from "./openVino.ts";
import type { Target } from "./targets.ts";

/** What of the project is staged as it is; `.vscodeignore` says which files of it the package takes. */
const copied = [".vscodeignore", "README.md", "CHANGELOG.md", "LICENSE", "bin", "dist", "media", "models"];

/**
 * Assembles what a target's package is made of in `folder`: the project's own files, the packages that are not
 * bundled, Node, OpenVINO, and the notices of it all.
 * @param root the project, built
 * @param downloads where downloads are kept between runs
 */
export async function stage(root: string, target: Target, folder: string, downloads: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (name !== "node_modules") rmSync(join(folder, name), { recursive: true });
  }
  installPackages(root, target, folder);
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  const manifest = packagedManifest(
    readManifest(join(root, "package.json")),
    readManifest(join(root, "packaging", "package.json")),
  );
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await carryOpenVino(target, join(folder, "openvino"), downloads);
  writeNotices(root, folder);
}

/** The fields of a `package.json`. */
export type Manifest = Readonly<Record<string, unknown>>;

/**
 * The manifest of the package: without scripts and development, and with the dependencies that are carried; all
 * others are in the bundles.
 */
export function packagedManifest(own: Manifest, carried: Manifest): Manifest {
  const { scripts: _scripts, devDependencies: _devDependencies, ...kept } = own;
  return {
    ...kept,
    dependencies: carried["dependencies"],
    optionalDependencies: carried["optionalDependencies"],
  };
}

/**
 * npm installs the locked packages, with the binaries of the target instead of this machine's, unless an earlier run
 * did.
 */
function installPackages(root: string, target: Target, folder: string): void {
  for (const name of ["package.json", "package-lock.json"]) {
    cpSync(join(root, "packaging", name), join(folder, name));
  }
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const stamp = join(folder, "node_modules", ".limner-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  const libc = target.libc === undefined ? [] : [`--libc=${target.libc}`];
  npm(folder, [
    ...["ci", "--omit=dev", "--prefer-offline"],
    ...[`--os=${target.os}`, `--cpu=${target.cpu}`, ...libc],
  ]);
  writeFileSync(stamp, lock);
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8"));
}

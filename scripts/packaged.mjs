// Packages the VSIX of this platform where a source is newer than it: for tests and benchmarks in a real VS Code.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, newest } from "./build.mjs";
import { root } from "./install.mjs";

const packageInputs = [
  ...["dist/.built", "packaging", ".vscodeignore", "bin", "media", "models"],
  ...["README.md", "CHANGELOG.md", "LICENSE"],
];

/** Whether the VSIX is there and newer than all that it is made of. */
function isPackaged() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const vsix = join(root, "out", `limner-${process.platform}-${process.arch}-${version}.vsix`);
  if (!existsSync(vsix)) return false;
  const packaged = statSync(vsix).mtimeMs;
  return packageInputs.every((input) => newest(join(root, input)) <= packaged);
}

/** Builds and packages what is out of date. Ends this process where that fails. */
export async function ensurePackaged() {
  await ensureBuilt();
  if (isPackaged()) return;
  const run = spawnSync(process.execPath, [join(root, "scripts", "package.mjs")], {
    cwd: root,
    stdio: "inherit",
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

// Runs test/code in a real VS Code: installs code-server and playwright below test/code, builds, packages the VSIX of
// this platform where a source is newer than it, and ends with the line "N passed, N failed, N skipped". Arguments
// choose test files.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureCodeInstalled } from "../test/code/install.mjs";
import { ensureBuilt, newest } from "./build.mjs";
import { ensureInstalled, root } from "./install.mjs";

const packageInputs = [
  ...["dist/.built", "packaging", ".vscodeignore", "bin", "media", "models"],
  ...["README.md", "CHANGELOG.md", "LICENSE"],
];

function node(script, args) {
  const run = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  return run.status ?? 1;
}

/** Whether the VSIX of this platform is there and newer than all that it is made of. */
function isPackaged() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const vsix = join(root, "out", `limner-${process.platform}-${process.arch}-${version}.vsix`);
  if (!existsSync(vsix)) return false;
  const packaged = statSync(vsix).mtimeMs;
  return packageInputs.every((input) => newest(join(root, input)) <= packaged);
}

ensureInstalled({ minimum: [20, 19] });
try {
  ensureCodeInstalled();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await ensureBuilt();
if (!isPackaged() && node("scripts/package.mjs", []) !== 0) process.exit(1);
if (node("node_modules/typescript/bin/tsc", ["-p", "test/code"]) !== 0) process.exit(1);
process.exit(node("scripts/test.mjs", ["--config", "test/code/vitest.config.ts", ...process.argv.slice(2)]));

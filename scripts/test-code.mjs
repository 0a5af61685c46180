// Runs test/code in a real VS Code: installs code-server and playwright below test/code, builds, packages the VSIX of
// this platform where a source is newer than it, and ends with the line "N passed, N failed, N skipped". Arguments
// choose test files.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureCodeInstalled } from "../test/code/install.mjs";
import { ensureInstalled, root } from "./install.mjs";
import { ensurePackaged } from "./packaged.mjs";

function node(script, args) {
  const run = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  return run.status ?? 1;
}

ensureInstalled({ minimum: [20, 19] });
try {
  ensureCodeInstalled();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await ensurePackaged();
if (node("node_modules/typescript/bin/tsc", ["-p", "test/code"]) !== 0) process.exit(1);
process.exit(node("scripts/test.mjs", ["--config", "test/code/vitest.config.ts", ...process.argv.slice(2)]));

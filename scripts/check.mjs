// Every static check: formatting and lint, types, the arrows between folders, the licences' page.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

ensureInstalled({ minimum: [20, 19] });

const checks = [
  [
    "format and lint",
    "@biomejs/biome/bin/biome",
    ["ci", "--error-on-warnings", `--colors=${process.stdout.isTTY ? "force" : "off"}`, "."],
  ],
  ["types", "typescript/bin/tsc", ["-p", "tsconfig.json"]],
  ["types of the panel's page", "typescript/bin/tsc", ["-p", "webview"]],
  [
    "arrows between folders",
    "dependency-cruiser/bin/dependency-cruise.mjs",
    ["src", "webview", "test", "bench", "packaging", "--config", ".dependency-cruiser.cjs"],
  ],
  ["licenses", "../scripts/licenses.mjs", ["--check"]],
];

let failed = 0;
for (const [name, script, args] of checks) {
  const run = spawnSync(process.execPath, [join(root, "node_modules", script), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  console.log(`${run.status === 0 ? "ok  " : "FAIL"} ${name}`);
  if (run.status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);

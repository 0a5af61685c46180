// `npm test`: installs what is needed, sets up OpenVINO, runs the static checks and the tests, and ends with the
// line "N passed, N failed, N skipped". Arguments go to vitest (`npm test -- test/graph`).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureInstalled, root } from "./install.mjs";

ensureInstalled({ minimum: [20, 19] });
const { ensureBuilt } = await import("./build.mjs");
await ensureBuilt();

/** Runs a Node script of this project. @returns its exit code */
function node(script, args) {
  return (
    spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" }).status ?? 1
  );
}

const chosen = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "limner-test-"));
try {
  const runtime = node("bin/limner.mjs", ["doctor", "--setup"]);
  // A choice of tests is for a developer in the middle of work: the whole run checks everything.
  const checks = chosen.length === 0 ? node("scripts/check.mjs", []) : 0;
  const report = join(reports, "vitest.json");
  const vitest = node("node_modules/vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...chosen,
  ]);
  const { numPassedTests, numFailedTests, numPendingTests, numTotalTestSuites } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  // The set-up and the static checks count as one test each; so does a run that broke without a failed test.
  const others = [runtime, checks, numFailedTests > 0 || numTotalTestSuites === 0 ? 0 : vitest];
  const failed = numFailedTests + others.filter((code) => code !== 0).length;
  const passed = numPassedTests + others.filter((code) => code === 0).length;
  console.log(`${passed} passed, ${failed} failed, ${numPendingTests} skipped`);
  process.exitCode = failed === 0 && vitest === 0 ? 0 : 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}

// `npm test`: installs what is needed, sets up OpenVINO, runs the static checks and the tests, and ends with the
// line "N passed, N failed, N skipped". Arguments go to vitest: `npm test -- test/graph` runs some of the tests, and
// `--config FILE` another suite; the static checks belong to the whole of `npm test` only.
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

/** What vitest counted; nothing where it ended before it could. */
function countsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

const chosen = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "limner-test-"));
try {
  // The set-up and the static checks count as one test each.
  const others = [node("bin/limner.mjs", ["doctor", "--setup"])];
  if (chosen.length === 0) others.push(node("scripts/check.mjs", []));
  const report = join(reports, "vitest.json");
  const status = node("node_modules/vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...chosen,
  ]);
  const counts = countsOf(report);
  // A run that broke without a failed test (a file that does not load, a crash) is a failure too.
  if (status !== 0 && counts.failed === 0) others.push(status);
  const broken = others.filter((code) => code !== 0).length;
  const passed = counts.passed + others.length - broken;
  const failed = counts.failed + broken;
  console.log(`${passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}

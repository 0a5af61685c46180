// `npm test`: installs what is needed, sets up OpenVINO, runs the static checks and the tests, and ends with the
// line "N passed, N failed, N skipped". Arguments go to vitest: `npm test -- test/graph` runs some of the tests, and
// `--config FILE` another suite; the static checks belong to the whole of `npm test` only.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
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

/** What vitest counted, and a line for each test that failed; nothing where it ended before it could report. */
function resultsOf(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    const failures = testResults.flatMap(({ name, message, assertionResults }) => [
      // A file that does not load has a message and no test that failed.
      ...(message ? [`${relative(root, name)}: ${firstLine(message)}`] : []),
      ...assertionResults
        .filter(({ status }) => status === "failed")
        .map(({ fullName, failureMessages: [why = ""] }) => {
          return `${relative(root, name)} > ${fullName.trim()}: ${firstLine(why)}`;
        }),
    ]);
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures };
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  }
}

const firstLine = (text) => stripVTControlCharacters(text).trim().split("\n", 1)[0];

const chosen = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "limner-test-"));
try {
  // The set-up and the static checks count as one test each.
  const others = [["set-up of OpenVINO", node("bin/limner.mjs", ["doctor", "--setup"])]];
  if (chosen.length === 0) others.push(["static checks", node("scripts/check.mjs", [])]);
  const report = join(reports, "vitest.json");
  const status = node("node_modules/vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...chosen,
  ]);
  const results = resultsOf(report);
  // A run that broke without a failed test (a file that does not load, a crash) is a failure too.
  if (status !== 0 && results.failed === 0) others.push(["vitest", status]);
  const broken = others.filter(([, code]) => code !== 0);
  // A long log may be cut: what failed is said once more where it ends.
  const failures = [...broken.map(([what, code]) => `${what}: exit code ${code}`), ...results.failures];
  for (const failure of failures) console.log(`failed: ${failure}`);
  const passed = results.passed + others.length - broken.length;
  const failed = results.failed + broken.length;
  console.log(`${passed} passed, ${failed} failed, ${results.skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}

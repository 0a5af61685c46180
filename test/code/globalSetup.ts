import { rmSync } from "node:fs";
import { screenshotFolder } from "./support/codeWindow.ts";
import { expectNoneLeft, markRun } from "./support/processes.ts";

/** Longer than the 30 s that Limner's host waits for another client. */
const patience = 60_000;

export default function setup(): () => Promise<void> {
  markRun();
  rmSync(screenshotFolder, { recursive: true, force: true });
  return async () => {
    try {
      await expectNoneLeft(patience);
    } catch (error) {
      // vitest tells of the error and ends as if all were well.
      process.exitCode = 1;
      throw error;
    }
  };
}

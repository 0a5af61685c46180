import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, getPriority, setPriority } from "node:os";
import { expect, test } from "vitest";
import { giveWayToOthers, hasEnded, isRunning, killProcess } from "../../src/platform/process.ts";

test("tells whether a process runs, waits for its end, and ends it", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  expect(isRunning(pid)).toBe(true);
  expect(await hasEnded(pid, 0)).toBe(false);
  killProcess(pid);
  await once(child, "exit");
  expect(await hasEnded(pid, 5000)).toBe(true);
  expect(isRunning(pid)).toBe(false);
  // Ending what has ended is no error.
  killProcess(pid);
});

test("has a process give way to others by a lower priority, which it never raises", async () => {
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  giveWayToOthers(pid);
  expect(getPriority(pid)).toBe(Math.max(getPriority(), PRIORITY_BELOW_NORMAL));
  setPriority(pid, PRIORITY_LOW);
  giveWayToOthers(pid);
  expect(getPriority(pid)).toBe(PRIORITY_LOW);
  killProcess(pid);
  await once(child, "exit");
  // One that has ended is no error.
  giveWayToOthers(pid);
});

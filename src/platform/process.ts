import { constants, getPriority, setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const pollMilliseconds = 20;

/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be signaled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Waits until a process has ended. @returns whether it has, in that time */
export async function hasEnded(pid: number, milliseconds: number): Promise<boolean> {
  for (let waited = 0; isRunning(pid); waited += pollMilliseconds) {
    if (waited >= milliseconds) return false;
    await pause(pollMilliseconds);
  }
  return true;
}

/** Ends a process at once, whatever it does. On Windows every signal does. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/**
 * Lets the programs that someone types into go before a process where there are too few cores for all. Alone on the
 * machine it is as fast as before. On Linux only the process's first thread and what that starts from now on are meant:
 * call it as soon as the process is there.
 */
export function giveWayToOthers(pid: number): void {
  try {
    const belowNormal = constants.priority.PRIORITY_BELOW_NORMAL;
    // Whoever started this process may have put it lower still.
    if (getPriority(pid) < belowNormal) setPriority(pid, belowNormal);
  } catch {
    // It has ended already, or a sandbox forbids it: then the editor is less smooth, nothing else.
  }
}

/**
 * Calls back when the system or a user asks this process to end: SIGTERM and SIGINT, and SIGBREAK on Windows, which
 * knows no SIGTERM from outside. A hang-up of the terminal is ignored: the process outlives who started it.
 */
export function onTermination(callback: (signal: NodeJS.Signals) => void): void {
  const signals: readonly NodeJS.Signals[] =
    process.platform === "win32" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) process.on(signal, () => callback(signal));
  process.on("SIGHUP", () => {});
}

import { join } from "node:path";
import { withLock } from "../platform/lock.ts";
import type { Exclusive } from "./queue/jobs.ts";

/**
 * One inference at a time on a device, also where another version's host draws: each device has a lock file.
 * @param folder shared by all hosts of the user
 */
export function deviceLock(folder: string): Exclusive {
  return (device, signal, task) =>
    withLock(join(folder, `${device.replaceAll(/[^A-Za-z0-9.]/g, "-")}.lock`), task, { signal });
}

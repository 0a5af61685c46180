import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const pollMilliseconds = 200;
/** A lock file is empty only between its creation and its first write. */
const emptyMilliseconds = 10_000;

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once, when another process turns out to hold the lock. */
  readonly onWait?: () => void;
}

/**
 * Runs `task` while this process alone holds the lock file; waits as long as a living process holds it. A lock
 * whose process is gone is taken over.
 * @throws the signal's reason, when aborted while waiting
 */
export async function withLock<T>(
  file: string,
  task: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  for (let waits = 0; !(await taken(file)); waits++) {
    if (waits === 0) options.onWait?.();
    await pause(pollMilliseconds, undefined, { signal: options.signal });
  }
  try {
    return await task();
  } finally {
    await rm(file, { force: true });
  }
}

/** Creates the lock file, or removes it if its process is gone, so that the next try may succeed. */
async function taken(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(String(process.pid)).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (await isAbandoned(file)) await rm(file, { force: true });
  return false;
}

async function isAbandoned(file: string): Promise<boolean> {
  try {
    const holder = Number(await readFile(file, "utf8"));
    if (holder > 0) return !isRunning(holder);
    return Date.now() - (await stat(file)).mtimeMs > emptyMilliseconds;
  } catch {
    // It was released in the meantime.
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be signaled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

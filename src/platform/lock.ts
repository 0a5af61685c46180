import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isRunning } from "./process.ts";
import { startOf } from "./processStart.ts";

const pollMilliseconds = 200;
/** A lock file is empty only between its creation and its first write. */
const emptyMilliseconds = 10_000;

/** What this process wrote into the lock files that it holds. */
const held = new Set<string>();

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
  const mark = `${process.pid} ${(await startOf(process.pid)) ?? ""} ${randomUUID()}`;
  held.add(mark);
  try {
    for (let waits = 0; !(await taken(file, mark)); waits++) {
      if (waits === 0) options.onWait?.();
      await pause(pollMilliseconds, undefined, { signal: options.signal });
    }
    try {
      return await task();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    held.delete(mark);
  }
}

/** Whether a living process, perhaps this one, holds the lock file now. */
export async function isLocked(file: string): Promise<boolean> {
  const content = await readFile(file, "utf8").catch(() => undefined);
  return content !== undefined && !(await isAbandoned(file, content));
}

/** Creates the lock file, or removes it if its process is gone, so that the next try may succeed. */
async function taken(file: string, mark: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(mark).finally(() => handle.close());
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Windows says EPERM of a file that is being deleted.
    if (code !== "EEXIST" && !(code === "EPERM" && process.platform === "win32")) throw error;
  }
  const content = await readFile(file, "utf8").catch(() => undefined);
  if (content !== undefined && (await isAbandoned(file, content))) await removeAbandoned(file, content);
  return false;
}

/**
 * Removes a lock file that still holds `content`. Of several processes that find it abandoned, one moves it aside; what
 * another has put in its place by then is put back.
 */
async function removeAbandoned(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  if (moved !== content) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isAbandoned(file: string, content: string): Promise<boolean> {
  const [holder, start] = content.split(" ");
  const pid = Number(holder);
  if (!(pid > 0)) {
    const found = await stat(file).catch(() => undefined);
    return found !== undefined && Date.now() - found.mtimeMs > emptyMilliseconds;
  }
  // The number of a process that is gone may have been given to another, or to this one.
  if (pid === process.pid) return !held.has(content);
  if (!isRunning(pid)) return true;
  const now = start ? await startOf(pid) : undefined;
  return now !== undefined && now !== start;
}

import type { Residency } from "./residency.ts";

/** What was given back. */
export interface Freed {
  submodels: number;
  /** By which the resident memory of the process fell. */
  bytes: number;
}

/** What an idle unload goes by; all of it but the listener has a default. */
export interface IdleUnloadOptions {
  /** Milliseconds without a use (default: ten minutes). */
  after?: number;
  onUnload(freed: Freed): void;
  /** Calls back after so many milliseconds, unless the returned function is called before. */
  schedule?(milliseconds: number, callback: () => void): () => void;
  /** Resident memory of this process, in bytes. */
  resident?(): number;
}

const tenMinutes = 10 * 60 * 1000;

function scheduleTimeout(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  // Nobody stays alive for the sake of being idle.
  timer.unref();
  return () => clearTimeout(timer);
}

/** Drops everything that is idle, and says what the process takes less than before. */
export async function unload(
  residency: Residency,
  resident: () => number = () => process.memoryUsage.rss(),
): Promise<Freed> {
  const before = { resident: resident(), submodels: residency.statistics().length };
  await residency.dropIdle();
  return {
    submodels: before.submodels - residency.statistics().length,
    bytes: Math.max(0, before.resident - resident()),
  };
}

/**
 * Unloads everything once nothing was used for a while.
 * @returns stops it
 */
export function unloadWhenIdle(
  residency: Residency,
  { after = tenMinutes, onUnload, schedule = scheduleTimeout, resident }: IdleUnloadOptions,
): () => void {
  let cancel: (() => void) | undefined;
  residency.onActivity = (active) => {
    cancel?.();
    cancel = active
      ? undefined
      : schedule(after, () => {
          cancel = undefined;
          void unload(residency, resident).then((freed) => {
            if (freed.submodels > 0) onUnload(freed);
          });
        });
  };
  return () => {
    cancel?.();
    residency.onActivity = () => {};
  };
}

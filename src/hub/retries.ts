import { setTimeout as pause } from "node:timers/promises";
import { LimnerError } from "../protocol/limnerError.ts";
import { HubStatusError } from "./hubStatusError.ts";

/** How often and how patiently something is tried again. */
export interface RetryOptions {
  readonly signal?: AbortSignal;
  /** Called before each wait that is worth a word. */
  readonly onWait?: (sentence: string) => void;
  /** The first wait; each later one is twice as long. */
  readonly firstPauseMilliseconds?: number;
}

const mostFailures = 6;
const longestPause = 60_000;
/** A hub that asks for more patience than this is asked again by the user. */
const longestRetryAfter = 15 * 60_000;

function isPassing(error: unknown): boolean {
  if (error instanceof LimnerError) return false;
  return !(error instanceof HubStatusError) || error.isPassing;
}

function pauseFor(error: unknown, failures: number, first: number): number {
  const asked = error instanceof HubStatusError ? error.retryAfterMilliseconds : undefined;
  return asked ?? Math.min(longestPause, first * 2 ** (failures - 1));
}

function sentenceFor(error: unknown, milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (error instanceof HubStatusError && error.status === 429)
    return `The hub asks for patience (429); trying again in ${seconds} s.`;
  const what = error instanceof HubStatusError ? error.message : "the connection broke";
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}; trying again in ${seconds} s.`;
}

/**
 * Runs a task until it succeeds. Broken connections, 429 and 5xx are waited out, with the hub's own `Retry-After` where
 * it gives one; everything else is thrown at once, and so is the sixth failure in a row.
 * @param task tells by `progressed()` that something was gained: failures are counted anew from there
 * @throws the last error, or the signal's reason
 */
export async function withRetries<T>(
  task: (progressed: () => void) => Promise<T>,
  { signal, onWait, firstPauseMilliseconds = 1000 }: RetryOptions = {},
): Promise<T> {
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await task(() => {
        failures = 0;
      });
    } catch (error) {
      signal?.throwIfAborted();
      failures += 1;
      const wait = pauseFor(error, failures, firstPauseMilliseconds);
      if (!isPassing(error) || failures >= mostFailures || wait > longestRetryAfter) throw error;
      onWait?.(sentenceFor(error, wait));
      await pause(wait, undefined, { signal });
    }
  }
}

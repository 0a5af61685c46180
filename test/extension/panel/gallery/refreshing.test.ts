import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refreshing } from "../../../../src/extension/panel/gallery/refreshing.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A task that ends when it is told to. */
function slowTask() {
  const ends: (() => void)[] = [];
  const task = () => new Promise<void>((resolve) => ends.push(resolve));
  return { ends, refreshing: new Refreshing(task, 100) };
}

test("changes that come together are one refresh", async () => {
  const { ends, refreshing } = slowTask();
  refreshing.soon();
  await vi.advanceTimersByTimeAsync(60);
  refreshing.soon();
  expect(ends).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(40);
  expect(ends).toHaveLength(1);
});

test("what changes during a refresh is followed by one more, never by two at a time", async () => {
  const { ends, refreshing } = slowTask();
  const first = refreshing.now();
  refreshing.soon();
  refreshing.soon();
  const second = refreshing.now();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await Promise.all([first, second]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(ends).toHaveLength(2);
});

test("nothing is refreshed after the end", async () => {
  const { ends, refreshing } = slowTask();
  refreshing.soon();
  refreshing.dispose();
  refreshing.soon();
  await refreshing.now();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ends).toHaveLength(0);
});

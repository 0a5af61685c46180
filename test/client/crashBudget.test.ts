import { expect, test } from "vitest";
import { CrashBudget } from "../../src/client/crashBudget.ts";

test("the fourth crash within three minutes is the last, until somebody tries again", () => {
  let now = 0;
  const budget = new CrashBudget(undefined, () => now);
  const crashAt = (seconds: number) => {
    now = seconds * 1000;
    return budget.crashed();
  };
  expect([0, 60, 120, 179].map(crashAt)).toEqual([true, true, true, false]);
  budget.reset();
  expect([200, 290, 379].map(crashAt)).toEqual([true, true, true]);
  // Those three minutes ago no longer count.
  expect([381, 471, 472].map(crashAt)).toEqual([true, true, false]);
});

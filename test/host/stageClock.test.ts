import { expect, it } from "vitest";
import { StageClock } from "../../src/host/stageClock.ts";
import { StepTimer } from "../../src/host/stepTimer.ts";

it("adds up each stage and keeps loading apart", () => {
  let now = 0;
  let loaded = 0;
  const clock = new StageClock(
    () => loaded,
    () => now,
  );
  clock.enter("encode");
  now = 3000;
  loaded = 2;
  clock.enter("denoise");
  now = 8000;
  clock.enter("decode");
  now = 8500;
  expect(clock.take()).toEqual({ load: 2, encode: 1, denoise: 5, decode: 0.5, write: 0 });
  clock.enter("denoise");
  now = 9500;
  expect(clock.take()).toEqual({ load: 0, encode: 0, denoise: 1, decode: 0, write: 0 });
});

it("tells the time left from the fastest step, once two were timed", () => {
  let now = 0;
  const timer = new StepTimer(() => now);
  timer.start();
  now = 5000;
  timer.step();
  expect(timer.secondsLeft(9)).toBeUndefined();
  now = 7000;
  timer.step();
  expect(timer.secondsLeft(8)).toBe(16);
  now = 60_000;
  timer.start();
  now = 61_500;
  timer.step();
  expect(timer.secondsLeft(2)).toBe(3);
});

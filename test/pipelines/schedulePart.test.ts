import { describe, expect, it } from "vitest";
import { partAfter, partBefore, partForStrength } from "../../src/pipelines/schedulePart.ts";

/** SDXL's own spacing: 20 steps of 50, offset 1. */
const leading = Array.from({ length: 20 }, (_, i) => 951 - 50 * i);
const euler = { timesteps: leading, order: 1, trainTimesteps: 1000 };
const heun = { timesteps: leading.flatMap((t) => [t, t]).slice(1), order: 2, trainTimesteps: 1000 };

describe("strength", () => {
  it.each([
    [1, 0],
    [0.5, 10],
    // 20 · 0.3 is 6 in floating point, 20 · 0.29 is cut to 5.
    [0.3, 14],
    [0.29, 15],
    [0.9999, 1],
  ])("%d starts at step %d", (strength, start) => {
    expect(partForStrength(euler, 20, strength)).toEqual({ start, end: 20 });
  });

  it("counts both calls of a second-order sampler", () => {
    expect(partForStrength(heun, 20, 0.5)).toEqual({ start: 20, end: 39 });
  });

  it("is refused when it leaves no step", () => {
    expect(() => partForStrength(euler, 20, 0.04)).toThrow("A strength of 0.04 leaves none of 20 steps.");
  });
});

describe("a hand-over", () => {
  it.each([
    [0.8, 16],
    [0.5, 10],
    [0.95, 19],
    // 1000 − 951 = 49: the first timestep is done at 0.049 of the schedule.
    [0.05, 1],
  ])("at %d splits the schedule at step %d", (fraction, at) => {
    const whole = { start: 0, end: 20 };
    expect(partBefore(whole, euler, fraction)).toEqual({ start: 0, end: at });
    expect(partAfter(euler, fraction)).toEqual({ start: at, end: 20 });
  });

  it("gives the second model the call that ends the first's last step of a second-order sampler", () => {
    // The timesteps below 200 are 8 entries, so a ninth goes along.
    expect(partAfter(heun, 0.8)).toEqual({ start: 30, end: 39 });
  });

  it("cuts only what a strength left", () => {
    expect(partBefore({ start: 5, end: 20 }, euler, 0.8)).toEqual({ start: 5, end: 16 });
  });

  it("is refused when it leaves one of them no step", () => {
    expect(() => partBefore({ start: 0, end: 20 }, euler, 0.01)).toThrow(
      "leaves the first model none of 20 steps",
    );
    expect(() => partAfter({ ...euler, timesteps: [981, 481] }, 0.9)).toThrow(
      "leaves the second model none of 2 steps",
    );
  });
});

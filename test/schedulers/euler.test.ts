// Schedules and steps of diffusers' EulerDiscreteScheduler (test/reference/make_outputs.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createScheduler } from "../../src/schedulers/catalogue.ts";
import { EulerScheduler } from "../../src/schedulers/euler.ts";
import { relativeDifference } from "../support/difference.ts";

interface Schedule {
  timestepSpacing: string;
  betaSchedule: string;
  steps: number;
  finalSigmasType: string;
  rescaleBetasZeroSnr: boolean;
}
interface Planned extends Schedule {
  sigmas: number[];
  timesteps: number[];
  initNoiseSigma: number;
}
interface Walk extends Schedule {
  predictionType: string;
  firstModelInput: number[];
  firstSample: number[];
  lastSample: number[];
}
const stored: {
  start: { values: number[] };
  modelOutputs: number[][];
  schedules: Planned[];
  walks: Walk[];
} = JSON.parse(readFileSync("test/fixtures/tiny-sdxl-outputs/euler.json", "utf8"));

/**
 * A few units in the last place of a float32. Where the betas are rescaled torch takes square roots that are not
 * correctly rounded, and one unit in ᾱ near 1 moves the smallest sigmas by 4e-5.
 */
function rounding({ rescaleBetasZeroSnr }: Schedule): number {
  return rescaleBetasZeroSnr ? 1e-4 : 3e-6;
}

function config(entry: Schedule, predictionType = "epsilon") {
  return {
    _class_name: "EulerDiscreteScheduler",
    beta_start: 0.00085,
    beta_end: 0.012,
    steps_offset: 1,
    beta_schedule: entry.betaSchedule,
    timestep_spacing: entry.timestepSpacing,
    final_sigmas_type: entry.finalSigmasType,
    rescale_betas_zero_snr: entry.rescaleBetasZeroSnr,
    prediction_type: predictionType,
  };
}

function title({
  timestepSpacing,
  betaSchedule,
  steps,
  finalSigmasType,
  rescaleBetasZeroSnr,
}: Schedule): string {
  const zeroSnr = rescaleBetasZeroSnr ? ", zero SNR" : "";
  return `${timestepSpacing}, ${betaSchedule}, ${steps} steps, ends at ${finalSigmasType}${zeroSnr}`;
}

describe("the schedule", () => {
  it.each(stored.schedules.map((entry) => [title(entry), entry] as const))(
    "is diffusers': %s",
    (_, entry) => {
      const scheduler = new EulerScheduler(config(entry));
      scheduler.setTimesteps(entry.steps);
      expect(scheduler.timesteps).toHaveLength(entry.timesteps.length);
      for (const [i, timestep] of entry.timesteps.entries())
        expect(scheduler.timesteps[i]).toBeCloseTo(timestep, 4);
      // Sigmas span five orders of magnitude: each must agree by itself.
      expect(scheduler.sigmas).toHaveLength(entry.sigmas.length);
      for (const [i, sigma] of entry.sigmas.entries()) {
        if (sigma === 0) expect(scheduler.sigmas[i]).toBe(0);
        else expect(Math.abs((scheduler.sigmas[i] as number) / sigma - 1)).toBeLessThan(rounding(entry));
      }
      expect(Math.abs(scheduler.initNoiseSigma / entry.initNoiseSigma - 1)).toBeLessThan(rounding(entry));
    },
  );
});

describe("a walk down the schedule", () => {
  const cases = stored.walks.map((walk) => [`${walk.predictionType}, ${title(walk)}`, walk] as const);

  it.each(cases)("takes diffusers' steps: %s", (_, walk) => {
    const scheduler = createScheduler(config(walk, walk.predictionType));
    scheduler.setTimesteps(walk.steps);
    const outputs = stored.modelOutputs.map((values) => Float32Array.from(values));
    let sample = Float32Array.from(
      stored.start.values,
      (value) => Math.fround(value) * scheduler.initNoiseSigma,
    );
    expect(relativeDifference(scheduler.scaleModelInput(sample, 0), walk.firstModelInput)).toBeLessThan(
      rounding(walk),
    );
    const noise = () => {
      throw new Error("this sampler draws no noise");
    };
    for (const index of scheduler.timesteps.keys()) {
      const output = outputs[index % outputs.length] as Float32Array;
      sample = Float32Array.from(scheduler.step(output, index, sample, { noise }));
      if (index === 0) expect(relativeDifference(sample, walk.firstSample)).toBeLessThan(rounding(walk));
    }
    expect(relativeDifference(sample, walk.lastSample)).toBeLessThan(3 * rounding(walk));
  });
});

describe("a configuration", () => {
  it("is refused with a sentence that names the key and the value", () => {
    expect(() => new EulerScheduler({ beta_schedule: "cosine" })).toThrow(
      'has beta_schedule "cosine", which is not possible: it takes linear or scaled_linear or squaredcos_cap_v2',
    );
    expect(() => new EulerScheduler({ num_train_timesteps: 0 })).toThrow("num_train_timesteps 0");
    expect(() => new EulerScheduler({ num_train_timesteps: 1e9 })).toThrow("a number from 1 to 100000");
    expect(() => new EulerScheduler({ trained_betas: [0.1] })).toThrow("1 trained_betas for 1000");
    const both = { use_karras_sigmas: true, use_exponential_sigmas: true };
    expect(() => new EulerScheduler(both)).toThrow("choose one");
  });

  it("names an unknown sampler and those there are", () => {
    expect(() => createScheduler({ _class_name: "EulerDiscreteScheduler" }, "fast")).toThrow(
      'There is no sampler "fast". Choose one of euler',
    );
    expect(() => createScheduler({ _class_name: "Mine" })).toThrow('The model\'s scheduler is "Mine"');
  });
});

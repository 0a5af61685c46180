import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { createScheduler, schedulerNames } from "../../src/schedulers/catalogue.ts";
import { clearEstimate } from "../../src/schedulers/clearEstimate.ts";
import { relativeDifference } from "../support/difference.ts";

const values = { beta_schedule: "scaled_linear", beta_start: 0.00085, beta_end: 0.012, clip_sample: false };
const original = new TorchGenerator(1).randn(64);
const noise = new TorchGenerator(2).randn(64);

/** What a perfect model predicts of a sample. */
function output(type: string, index: number, scheduler: ReturnType<typeof createScheduler>): Float32Array {
  const one = Float32Array.of(1);
  const zero = Float32Array.of(0);
  const signal = scheduler.addNoise(one, zero, index)[0] ?? 0;
  const strength = scheduler.addNoise(zero, one, index)[0] ?? 0;
  const scale = Math.hypot(signal, strength);
  switch (type) {
    case "epsilon":
      return noise;
    case "v_prediction":
      return noise.map((value, i) => (signal / scale) * value - (strength / scale) * (original[i] as number));
    default:
      return original;
  }
}

describe("the clear sample that a perfect prediction amounts to is the original", () => {
  const ordinary = schedulerNames.filter((name) => name !== "edm-euler");
  const withoutSample = ["pndm", "euler-ancestral"];
  const cases = ordinary.flatMap((name) =>
    (["epsilon", "v_prediction", "sample"] as const)
      .filter((type) => type !== "sample" || !withoutSample.includes(name))
      .map((type) => [name, type] as const),
  );
  it.each(cases)("%s, %s", (name, type) => {
    const config = { ...values, prediction_type: type };
    const scheduler = createScheduler(config, name);
    scheduler.setTimesteps(8);
    for (const index of [0, 3, scheduler.timesteps.length - 1]) {
      const sample = scheduler.addNoise(original, noise, index);
      const estimate = clearEstimate(scheduler, config, output(type, index, scheduler), index, sample);
      expect(relativeDifference(estimate, original)).toBeLessThan(1e-3);
    }
  });

  it("edm-euler, as its model is preconditioned", () => {
    const scheduler = createScheduler({ prediction_type: "epsilon" }, "edm-euler");
    scheduler.setTimesteps(8);
    const sample = scheduler.addNoise(original, noise, 3);
    // x₀ = σd²/(σ²+σd²)·x + σ·σd/√(σ²+σd²)·F, so F for the original is what is missing, and the estimate gives it back.
    const sigma = scheduler.addNoise(Float32Array.of(0), Float32Array.of(1), 3)[0] ?? 0;
    const variance = sigma ** 2 + 0.25;
    const perfect = original.map(
      (value, i) =>
        (value - (0.25 / variance) * (sample[i] as number)) / ((sigma * 0.5) / Math.sqrt(variance)),
    );
    expect(relativeDifference(clearEstimate(scheduler, {}, perfect, 3, sample), original)).toBeLessThan(1e-3);
  });

  it("is the sample itself where the model predicts what is not known", () => {
    const scheduler = createScheduler(values, "euler");
    scheduler.setTimesteps(4);
    const unknown = { prediction_type: "flow_prediction" };
    expect(clearEstimate(scheduler, unknown, noise, 1, original)).toBe(original);
  });
});

// Every sampler's schedules and steps, for the options that diffusers accepts, against diffusers' own.
import { describe, expect, it } from "vitest";
import { betaQuantile } from "../../src/schedulers/betaDistribution.ts";
import { createScheduler, schedulerNameOf, schedulerNames } from "../../src/schedulers/catalogue.ts";
import {
  betaQuantiles,
  comparePlan,
  compareWalk,
  isPlanned,
  isRefused,
  isRefusedAlike,
  isWalked,
  nameOf,
  sampleTolerance,
  schedulerCases,
  sigmaTolerance,
} from "../parity/schedulerCases.ts";

const classes = [...new Set(schedulerCases.map((entry) => entry.class))];

describe.each(classes)("%s", (className) => {
  const entries = schedulerCases.filter((entry) => entry.class === className);

  it("plans the same timesteps and sigmas", () => {
    const planned = entries.filter(isPlanned);
    const wrong = planned.flatMap((entry) => {
      const difference = comparePlan(entry);
      return difference < sigmaTolerance(entry) ? [] : [`${nameOf(entry)} ${difference}`];
    });
    expect(wrong).toEqual([]);
    expect(planned.length).toBeGreaterThan(40);
  });

  it("takes the same steps", () => {
    const walked = entries.filter(isWalked);
    const wrong = walked.flatMap((entry) => {
      const difference = compareWalk(entry);
      return difference < sampleTolerance(entry) ? [] : [`${nameOf(entry)} ${difference}`];
    });
    expect(wrong).toEqual([]);
    expect(walked.length).toBeGreaterThan(10);
  });

  it("refuses what diffusers refuses or gets no numbers from", () => {
    const refused = entries.filter(isRefused);
    const accepted = refused.filter((entry) => !isRefusedAlike(entry));
    expect(accepted.map((entry) => `${nameOf(entry)} ${entry.refused}`)).toEqual([]);
    expect(refused.length).toBeGreaterThan(0);
  });
});

describe("the catalogue", () => {
  it("has every class of the fixture", () => {
    const names = classes.map((className) => schedulerNameOf({ _class_name: className }));
    expect(schedulerNames).toEqual(expect.arrayContaining(names));
  });
});

describe("a name", () => {
  const dpm = { _class_name: "DPMSolverMultistepScheduler" };

  it("stands for a class with its settings", () => {
    expect(schedulerNameOf(dpm)).toBe("dpmpp-2m");
    expect(schedulerNameOf({ ...dpm, algorithm_type: "sde-dpmsolver++", solver_order: 3 })).toBe(
      "dpmpp-3m-sde",
    );
  });

  it("replaces the settings of the model's configuration, which keeps its own without one", () => {
    const draws = (name?: string) => {
      const scheduler = createScheduler({ ...dpm, algorithm_type: "sde-dpmsolver++" }, name);
      scheduler.setTimesteps(2);
      let count = 0;
      const noise = () => {
        count += 1;
        return new Float32Array(1);
      };
      scheduler.step(new Float32Array(1), 0, new Float32Array(1), { noise });
      return count;
    };
    expect(draws()).toBe(1);
    expect(draws("dpmpp-2m")).toBe(0);
    expect(draws("dpmpp-2m-sde")).toBe(1);
  });
});

describe("beta sigmas", () => {
  it("come from quantiles that equal SciPy's to 1e-12", () => {
    for (const [probability, quantile] of betaQuantiles) {
      expect(Math.abs(betaQuantile(probability) - quantile)).toBeLessThanOrEqual(1e-12 * quantile);
    }
  });
});

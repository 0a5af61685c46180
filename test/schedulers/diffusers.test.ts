// Every sampler's schedules and steps, for the options that diffusers accepts, against diffusers' own
// (test/reference/make_scheduler_fixtures.py).
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { betaQuantile } from "../../src/schedulers/betaDistribution.ts";
import { createScheduler, schedulerNameOf, schedulerNames } from "../../src/schedulers/catalogue.ts";
import type { Scheduler } from "../../src/schedulers/scheduler.ts";
import { SchedulerError, type SchedulerValues } from "../../src/schedulers/schedulerConfig.ts";
import { relativeDifference } from "../support/difference.ts";

interface Case {
  class: string;
  config: SchedulerValues;
  steps: number;
  eta?: number;
  begin?: number;
  givenSigmas?: number[];
  givenTimesteps?: number[];
  planOnly?: boolean;
}
interface Planned extends Case {
  timesteps: number[];
  sigmas?: number[];
  initNoiseSigma: number;
}
interface Walked extends Planned {
  samples: number[][];
}
interface Refused extends Case {
  refused?: string;
  infinite?: boolean;
}

const stored: {
  hub: SchedulerValues;
  start: number[];
  original: number[];
  outputs: number[][];
  betaQuantiles: [number, number][];
  entries: (Planned | Walked | Refused)[];
} = JSON.parse(gunzipSync(readFileSync("test/fixtures/schedulers/schedulers.json.gz")).toString());

const start = Float32Array.from(stored.start);
const original = Float32Array.from(stored.original);
const outputs = stored.outputs.map((values) => Float32Array.from(values));

const isRefused = (entry: Case): entry is Refused => "refused" in entry || "infinite" in entry;
const isPlanned = (entry: Case): entry is Planned => !isRefused(entry);
const isWalked = (entry: Case): entry is Walked => "samples" in entry;

/** A sampler as `from_config` makes it of SDXL's hub configuration with an entry's changes. */
function plan(entry: Case): Scheduler {
  const { class: className, config, steps, givenSigmas: sigmas, givenTimesteps: timesteps } = entry;
  const scheduler = createScheduler({ ...stored.hub, ...config, _class_name: className });
  scheduler.setTimesteps(steps, { ...(sigmas ? { sigmas } : {}), ...(timesteps ? { timesteps } : {}) });
  return scheduler;
}

/** The sample at the begin and after each call, with the model and the noise that the fixture was made with. */
function walk(entry: Walked): Float32Array[] {
  const scheduler = plan(entry);
  const generator = new TorchGenerator(5);
  const noise = () => generator.randn(start.length);
  const begin = (entry.begin ?? 0) * scheduler.order;
  let sample = begin
    ? scheduler.addNoise(original, start, begin)
    : start.map((value) => value * Math.fround(scheduler.initNoiseSigma));
  const samples = [sample];
  for (let index = begin; index < scheduler.timesteps.length; index++) {
    const given = outputs[(index - begin) % outputs.length] as Float32Array;
    const scaled = scheduler.scaleModelInput(sample, index);
    const output = scaled.map((value, i) => Math.fround(0.5 * value) + (given[i] as number));
    sample = scheduler.step(output, index, sample, { noise, eta: entry.eta ?? 0 });
    samples.push(sample);
  }
  return samples;
}

/** Largest of the differences, each relative to its own reference; zeros must be zeros. */
function worstRatio(actual: ArrayLike<number>, reference: readonly number[]): number {
  if (actual.length !== reference.length) return Number.POSITIVE_INFINITY;
  return reference.reduce((worst, value, i) => {
    const difference = Math.abs((actual[i] as number) - value);
    return Math.max(worst, difference === 0 ? 0 : difference / Math.abs(value));
  }, 0);
}

/**
 * How far a sigma may be from diffusers', relative to itself: a few units in the last place of a float32. Where betas
 * are rescaled, torch takes square roots that are not correctly rounded, and one unit in ᾱ near 1 moves the smallest
 * sigmas by 4e-5.
 */
function sigmaTolerance({ config }: Case): number {
  return config["rescale_betas_zero_snr"] ? 1e-4 : 3e-6;
}

/**
 * How far a sample may be, relative to the largest value of the run so far: the rounding of sigmas goes through
 * logarithms and small differences of them, and from step to step.
 */
function sampleTolerance({ config }: Case): number {
  return config["rescale_betas_zero_snr"] ? 1e-3 : 5e-5;
}

/** A title for what differs, so that a failure says which combination it is. */
function nameOf({ config, steps, begin, givenSigmas, givenTimesteps, eta }: Case): string {
  const brief = { ...config, trained_betas: config["trained_betas"] ? "some" : undefined };
  return JSON.stringify({ ...brief, steps, begin, givenSigmas, givenTimesteps, eta });
}

const classes = [...new Set(stored.entries.map((entry) => entry.class))];

describe.each(classes)("%s", (className) => {
  const entries = stored.entries.filter((entry) => entry.class === className);

  it("plans the same timesteps and sigmas", () => {
    const planned = entries.filter(isPlanned);
    const wrong = planned.flatMap((entry) => {
      const scheduler: Scheduler & { sigmas?: Float32Array } = plan(entry);
      const sigmas = entry.sigmas && scheduler.sigmas ? worstRatio(scheduler.sigmas, entry.sigmas) : 0;
      const first = Math.abs(scheduler.initNoiseSigma / entry.initNoiseSigma - 1);
      const same =
        scheduler.timesteps.length === entry.timesteps.length &&
        entry.timesteps.every(
          (timestep, i) => Math.abs(timestep - (scheduler.timesteps[i] as number)) < 2e-3,
        );
      return same && Math.max(sigmas, first) < sigmaTolerance(entry)
        ? []
        : [`${nameOf(entry)} ${same} ${sigmas} ${first} ${scheduler.timesteps} ${entry.timesteps}`];
    });
    expect(wrong).toEqual([]);
    expect(planned.length).toBeGreaterThan(40);
  });

  it("takes the same steps", () => {
    const walked = entries.filter(isWalked);
    const wrong = walked.flatMap((entry) => {
      const samples = walk(entry);
      if (samples.length !== entry.samples.length) return [`${nameOf(entry)} ${samples.length} samples`];
      const difference = relativeDifference(
        samples.flatMap((sample, i) => [...sample.subarray(0, entry.samples[i]?.length)]),
        entry.samples.flat(),
      );
      return difference < sampleTolerance(entry) ? [] : [`${nameOf(entry)} ${difference}`];
    });
    expect(wrong).toEqual([]);
    expect(walked.length).toBeGreaterThan(10);
  });

  it("refuses what diffusers refuses or gets no numbers from", () => {
    const refused = entries.filter(isRefused);
    const accepted = refused.filter((entry) => {
      try {
        plan(entry);
        return true;
      } catch (error) {
        if (error instanceof SchedulerError) return false;
        throw error;
      }
    });
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
    for (const [probability, quantile] of stored.betaQuantiles) {
      expect(Math.abs(betaQuantile(probability) - quantile)).toBeLessThanOrEqual(1e-12 * quantile);
    }
  });
});

// Samplers without a model (test/reference/make_scheduler_fixtures.py): the schedules that they plan and the steps that
// they take with every combination of options that diffusers accepts, and the combinations that it refuses.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { createScheduler } from "../../src/schedulers/catalogue.ts";
import type { Scheduler } from "../../src/schedulers/scheduler.ts";
import { SchedulerError, type SchedulerValues } from "../../src/schedulers/schedulerConfig.ts";
import { relativeDifference } from "../support/difference.ts";

export interface SchedulerCase {
  class: string;
  config: SchedulerValues;
  steps: number;
  eta?: number;
  begin?: number;
  givenSigmas?: number[];
  givenTimesteps?: number[];
  planOnly?: boolean;
}
export interface Planned extends SchedulerCase {
  timesteps: number[];
  sigmas?: number[];
  initNoiseSigma: number;
}
export interface Walked extends Planned {
  samples: number[][];
}
export interface Refused extends SchedulerCase {
  refused?: string;
  infinite?: boolean;
}

const stored: {
  hub: SchedulerValues;
  /** What each class's configuration may have. */
  accepts: Record<string, string[]>;
  start: number[];
  original: number[];
  outputs: number[][];
  betaQuantiles: [number, number][];
  entries: (Planned | Walked | Refused)[];
} = JSON.parse(gunzipSync(readFileSync("test/fixtures/schedulers/schedulers.json.gz")).toString());

const start = Float32Array.from(stored.start);
const original = Float32Array.from(stored.original);
const outputs = stored.outputs.map((values) => Float32Array.from(values));

export const isRefused = (entry: SchedulerCase): entry is Refused =>
  "refused" in entry || "infinite" in entry;
export const isPlanned = (entry: SchedulerCase): entry is Planned => !isRefused(entry);
export const isWalked = (entry: SchedulerCase): entry is Walked => "samples" in entry;

/** A sampler as `from_config` makes it of SDXL's hub configuration with an entry's changes. */
function plan(entry: SchedulerCase): Scheduler {
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
export function sigmaTolerance({ config }: SchedulerCase): number {
  return config["rescale_betas_zero_snr"] ? 1e-4 : 3e-6;
}

/**
 * How far a sample may be, relative to the largest value of the run so far: the rounding of sigmas goes through
 * logarithms and small differences of them, and from step to step.
 */
export function sampleTolerance({ config }: SchedulerCase): number {
  return config["rescale_betas_zero_snr"] ? 1e-3 : 5e-5;
}

/** A title for what differs, so that a failure says which combination it is. */
export function nameOf({ config, steps, begin, givenSigmas, givenTimesteps, eta }: SchedulerCase): string {
  const brief = { ...config, trained_betas: config["trained_betas"] ? "some" : undefined };
  return JSON.stringify({ ...brief, steps, begin, givenSigmas, givenTimesteps, eta });
}

/** Everything that diffusers was asked to plan, with what it answered. */
export const schedulerCases: readonly (Planned | Walked | Refused)[] = stored.entries;

/** The keys of the configuration that each class of diffusers knows. */
export const acceptedKeys = stored.accepts;

/** SciPy's quantiles of the beta distribution that beta sigmas come from. */
export const { betaQuantiles } = stored;

/** How far planned sigmas are from diffusers', the worst relative to itself; infinite where timesteps differ. */
export function comparePlan(entry: Planned): number {
  const scheduler: Scheduler & { sigmas?: Float32Array } = plan(entry);
  const sigmas = entry.sigmas && scheduler.sigmas ? worstRatio(scheduler.sigmas, entry.sigmas) : 0;
  const first = Math.abs(scheduler.initNoiseSigma / entry.initNoiseSigma - 1);
  const same =
    scheduler.timesteps.length === entry.timesteps.length &&
    entry.timesteps.every((timestep, i) => Math.abs(timestep - (scheduler.timesteps[i] as number)) < 2e-3);
  return same ? Math.max(sigmas, first) : Number.POSITIVE_INFINITY;
}

/** How far the samples of a walk are from diffusers', relative to the largest. */
export function compareWalk(entry: Walked): number {
  const samples = walk(entry);
  if (samples.length !== entry.samples.length) return Number.POSITIVE_INFINITY;
  return relativeDifference(
    samples.flatMap((sample, i) => [...sample.subarray(0, entry.samples[i]?.length)]),
    entry.samples.flat(),
  );
}

/** Whether Limner refuses what diffusers refuses or gets no numbers from. */
export function isRefusedAlike(entry: Refused): boolean {
  try {
    plan(entry);
    return false;
  } catch (error) {
    if (error instanceof SchedulerError) return true;
    throw error;
  }
}

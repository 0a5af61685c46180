import { DdimScheduler } from "./ddim.ts";
import { DpmMultistepScheduler } from "./dpmMultistep.ts";
import { DpmSinglestepScheduler } from "./dpmSinglestep.ts";
import { EdmEulerScheduler } from "./edmEuler.ts";
import { EulerScheduler } from "./euler.ts";
import { EulerAncestralScheduler } from "./eulerAncestral.ts";
import { HeunScheduler } from "./heun.ts";
import { LcmScheduler } from "./lcm.ts";
import { LmsScheduler } from "./lms.ts";
import { PndmScheduler } from "./pndm.ts";
import type { Scheduler } from "./scheduler.ts";
import { SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { type CurveName, curveKeys } from "./sigmaSchedules.ts";
import { TcdScheduler } from "./tcd.ts";
import type { Spacing } from "./timestepSpacing.ts";
import { UnipcScheduler } from "./unipc.ts";

/** A class of diffusers, and what makes its equal. */
interface SchedulerClass {
  className: string;
  create(values: SchedulerValues): Scheduler;
  /** Curves that its sigmas can follow. */
  curves: readonly CurveName[];
  /** Whether `timestep_spacing` changes anything. */
  hasSpacing: boolean;
}

/** A sampler: a class with some of its settings fixed. */
interface Entry extends SchedulerClass {
  fixed?: SchedulerValues;
}

const everyCurve = ["karras", "exponential", "beta"] as const;

const multistep: SchedulerClass = {
  className: "DPMSolverMultistepScheduler",
  create: (values) => new DpmMultistepScheduler(values),
  curves: everyCurve,
  hasSpacing: true,
};

const entries: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    "euler",
    {
      className: "EulerDiscreteScheduler",
      create: (values) => new EulerScheduler(values),
      curves: everyCurve,
      hasSpacing: true,
    },
  ],
  [
    "euler-ancestral",
    {
      className: "EulerAncestralDiscreteScheduler",
      create: (values) => new EulerAncestralScheduler(values),
      curves: [],
      hasSpacing: true,
    },
  ],
  [
    "ddim",
    {
      className: "DDIMScheduler",
      create: (values) => new DdimScheduler(values),
      curves: [],
      hasSpacing: true,
    },
  ],
  [
    "pndm",
    {
      className: "PNDMScheduler",
      create: (values) => new PndmScheduler(values),
      curves: [],
      hasSpacing: true,
    },
  ],
  [
    "heun",
    {
      className: "HeunDiscreteScheduler",
      create: (values) => new HeunScheduler(values),
      curves: everyCurve,
      hasSpacing: true,
    },
  ],
  [
    "lms",
    {
      className: "LMSDiscreteScheduler",
      create: (values) => new LmsScheduler(values),
      curves: everyCurve,
      hasSpacing: true,
    },
  ],
  [
    "unipc",
    {
      className: "UniPCMultistepScheduler",
      create: (values) => new UnipcScheduler(values),
      curves: everyCurve,
      hasSpacing: true,
    },
  ],
  [
    "lcm",
    {
      className: "LCMScheduler",
      create: (values) => new LcmScheduler(values),
      curves: [],
      hasSpacing: false,
    },
  ],
  [
    "tcd",
    {
      className: "TCDScheduler",
      create: (values) => new TcdScheduler(values),
      curves: [],
      hasSpacing: false,
    },
  ],
  [
    "edm-euler",
    {
      className: "EDMEulerScheduler",
      create: (values) => new EdmEulerScheduler(values),
      curves: ["karras", "exponential"],
      hasSpacing: false,
    },
  ],
  ["dpmpp-2m", { ...multistep, fixed: { algorithm_type: "dpmsolver++", solver_order: 2 } }],
  ["dpmpp-2m-sde", { ...multistep, fixed: { algorithm_type: "sde-dpmsolver++", solver_order: 2 } }],
  ["dpmpp-3m-sde", { ...multistep, fixed: { algorithm_type: "sde-dpmsolver++", solver_order: 3 } }],
  [
    "dpmpp-sde",
    {
      className: "DPMSolverSinglestepScheduler",
      create: (values) => new DpmSinglestepScheduler(values),
      curves: everyCurve,
      hasSpacing: false,
      fixed: { algorithm_type: "sde-dpmsolver++", solver_order: 2 },
    },
  ],
]);

/** Every sampler's name, as requests and the command line give it. */
export const schedulerNames: readonly string[] = [...entries.keys()];

/** What a request may change in a model's scheduler configuration. */
export interface SchedulerOverrides {
  /** How sigmas are spread; `default` is without a curve. */
  sigmas?: "default" | CurveName;
  spacing?: Spacing;
}

/**
 * The name of the sampler that a configuration stands for, or of one of the same class.
 * @throws SchedulerError for a class that is not in the catalogue
 */
export function schedulerNameOf(values: SchedulerValues): string {
  const className = values["_class_name"];
  const ofClass = [...entries].filter(([, entry]) => entry.className === className);
  const exact = ofClass.find(([, { fixed = {} }]) =>
    Object.entries(fixed).every(([key, value]) => values[key] === value),
  );
  const [found] = exact ? [exact] : ofClass;
  if (found) return found[0];
  throw new SchedulerError(
    `The model's scheduler is ${JSON.stringify(className)}, which is not known. Name a sampler: ${schedulerNames.join(", ")}.`,
  );
}

/** Names of the samplers that have something, for a sentence. */
function namesWith(has: (entry: Entry) => boolean): string {
  return [...entries].flatMap(([name, entry]) => (has(entry) ? [name] : [])).join(", ");
}

/** A configuration's keys for what a request changes. */
function overridden(name: string, entry: Entry, { sigmas, spacing }: SchedulerOverrides): SchedulerValues {
  const changes: Record<string, unknown> = {};
  if (sigmas) {
    if (sigmas !== "default" && !entry.curves.includes(sigmas)) {
      const others = namesWith(({ curves }) => curves.includes(sigmas));
      throw new SchedulerError(
        `The ${name} sampler has no ${sigmas} sigmas. Leave them out or choose one of ${others}.`,
      );
    }
    for (const curve of everyCurve) changes[curveKeys[curve]] = curve === sigmas;
    // The one class whose own sigmas are such a curve.
    changes["sigma_schedule"] = sigmas === "exponential" ? "exponential" : "karras";
  }
  if (spacing) {
    if (!entry.hasSpacing) {
      const others = namesWith(({ hasSpacing }) => hasSpacing);
      throw new SchedulerError(
        `The ${name} sampler has no spacing of its timesteps. Leave it out or choose one of ${others}.`,
      );
    }
    changes["timestep_spacing"] = spacing;
  }
  return changes;
}

/**
 * A sampler made from a model's scheduler configuration, as diffusers' `from_config` makes it.
 * @param values the contents of `scheduler_config.json`
 * @param name of a sampler; absent for the configuration's own
 * @throws SchedulerError for an unknown name or class, a value that cannot be used, or an override that the sampler
 *   does not have
 */
export function createScheduler(
  values: SchedulerValues,
  name?: string,
  overrides: SchedulerOverrides = {},
): Scheduler {
  const chosen = name ?? schedulerNameOf(values);
  const entry = entries.get(chosen);
  if (!entry) {
    throw new SchedulerError(`There is no sampler "${chosen}". Choose one of ${schedulerNames.join(", ")}.`);
  }
  // A model's own sampler keeps its settings, even those that no name stands for.
  const fixed = name === undefined ? {} : entry.fixed;
  return entry.create({ ...values, ...fixed, ...overridden(chosen, entry, overrides) });
}

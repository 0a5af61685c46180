import { EulerScheduler } from "./euler.ts";
import type { Scheduler } from "./scheduler.ts";
import { SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";

/** What a catalogue entry is made by, and the class of diffusers it equals. */
interface Entry {
  className: string;
  create(values: SchedulerValues): Scheduler;
}

const entries: ReadonlyMap<string, Entry> = new Map([
  ["euler", { className: "EulerDiscreteScheduler", create: (values) => new EulerScheduler(values) }],
]);

/** Every sampler's name, as requests and the command line give it. */
export const schedulerNames: readonly string[] = [...entries.keys()];

/**
 * The name of the sampler that a configuration stands for.
 * @throws SchedulerError for a class that is not in the catalogue
 */
export function schedulerNameOf(values: SchedulerValues): string {
  const className = values["_class_name"];
  for (const [name, entry] of entries) if (entry.className === className) return name;
  throw new SchedulerError(
    `The model's scheduler is ${JSON.stringify(className)}, which is not known. Name a sampler: ${schedulerNames.join(", ")}.`,
  );
}

/**
 * A sampler made from a model's scheduler configuration, as diffusers' `from_config` makes it.
 * @param values the contents of `scheduler_config.json`
 * @param name of another sampler than the configuration's own
 * @throws SchedulerError for an unknown name or class, or a value that cannot be used
 */
export function createScheduler(values: SchedulerValues, name: string = schedulerNameOf(values)): Scheduler {
  const entry = entries.get(name);
  if (!entry) {
    throw new SchedulerError(`There is no sampler "${name}". Choose one of ${schedulerNames.join(", ")}.`);
  }
  return entry.create(values);
}

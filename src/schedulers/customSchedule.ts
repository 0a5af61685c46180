import type { CustomSchedule } from "./scheduler.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";
import type { SigmaCurve } from "./sigmaSchedules.ts";

/** What a class of sampler can follow. */
export interface Follows {
  /** Its name in the catalogue's words, for the sentence. */
  sampler: string;
  sigmas?: boolean;
  timesteps?: boolean;
  /** A curve that the configuration asks for: it would contradict given timesteps. */
  curve?: SigmaCurve | undefined;
}

function checkFalling(name: "sigmas" | "timesteps", values: readonly number[], fewest: number): void {
  if (values.length < fewest) {
    throw new SchedulerError(`The list of ${name} is too short: give ${fewest} numbers or more.`);
  }
  for (const [i, value] of values.entries()) {
    const before = values[i - 1];
    if (!(value >= 0 && value < 1e6)) {
      throw new SchedulerError(`The list of ${name} has ${value}: its numbers are 0 or more.`);
    }
    if (before !== undefined && value >= before) {
      throw new SchedulerError(
        `The list of ${name} goes from ${before} to ${value}: each must be less than the last.`,
      );
    }
  }
}

/**
 * Checks a custom schedule.
 * @returns the schedule, at most one of its lists left
 * @throws SchedulerError for a list that this sampler cannot follow
 */
export function checkCustom(
  { sigmas, timesteps }: CustomSchedule,
  config: { trainTimesteps: number },
  follows: Follows,
): CustomSchedule {
  if (sigmas && timesteps) {
    throw new SchedulerError("There is a list of sigmas and one of timesteps: give one of them.");
  }
  for (const [name, values, can] of [
    ["sigmas", sigmas, follows.sigmas],
    ["timesteps", timesteps, follows.timesteps],
  ] as const) {
    if (values && !can) {
      throw new SchedulerError(
        `The ${follows.sampler} sampler takes no list of ${name}. Leave it out or choose the euler sampler.`,
      );
    }
  }
  if (sigmas) checkFalling("sigmas", sigmas, 2);
  if (timesteps) {
    if (follows.curve) {
      throw new SchedulerError(
        `A list of timesteps does not go with ${follows.curve.name} sigmas: give one or the other.`,
      );
    }
    checkFalling("timesteps", timesteps, 1);
    const [first = 0] = timesteps;
    if (first >= config.trainTimesteps) {
      throw new SchedulerError(
        `The list of timesteps begins at ${first}: the noisiest that this model knows is ${config.trainTimesteps - 1}.`,
      );
    }
    if (!timesteps.every(Number.isInteger)) {
      throw new SchedulerError("The list of timesteps has fractions: give whole numbers.");
    }
  }
  return { ...(sigmas ? { sigmas } : {}), ...(timesteps ? { timesteps } : {}) };
}

/** Dynamic thresholding works on pixels; diffusers warns of it for latents. */
export function refuseThresholding(config: ConfigReader): void {
  config.refuse("thresholding", "thresholding is for models that work on pixels; set it to false");
}

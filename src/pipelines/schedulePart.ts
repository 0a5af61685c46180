import { LimnerError } from "../protocol/limnerError.ts";

/** The steps of a schedule that a stage runs: from `start`, up to but not including `end`. */
export interface SchedulePart {
  start: number;
  end: number;
}

/** A schedule as a scheduler has planned it. */
export interface PlannedSchedule {
  /** From the noisiest to the clearest. */
  timesteps: readonly number[];
  /** UNet calls per step: 2 for Heun, which lists every timestep twice. */
  order: number;
  /** Number of training steps, 1000 in every published SDXL. */
  trainTimesteps: number;
}

/** Python's `round`: half to even. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The training timestep at a fraction of the schedule: 0.8 of it done leaves the timesteps below 200. */
function cutoff(fraction: number, trainTimesteps: number): number {
  return Math.trunc(roundHalfEven(trainTimesteps - fraction * trainTimesteps));
}

/**
 * The part that image to image runs: the last `strength` of the steps.
 * @param steps inference steps as asked for
 * @param strength 0 to 1
 * @throws LimnerError `invalid-request` when no step is left
 */
export function partForStrength(schedule: PlannedSchedule, steps: number, strength: number): SchedulePart {
  const kept = Math.min(Math.trunc(steps * strength), steps);
  const start = Math.max(steps - kept, 0) * schedule.order;
  if (start >= schedule.timesteps.length) {
    throw new LimnerError(
      "invalid-request",
      `A strength of ${strength} leaves none of ${steps} steps. Raise the strength or the steps.`,
    );
  }
  return { start, end: schedule.timesteps.length };
}

/**
 * The part before a hand-over (`denoising_end`): what another model is to finish is left out.
 * @param fraction of the schedule that is done then, above 0 and below 1
 * @throws LimnerError `invalid-request` when no step is left
 */
export function partBefore(part: SchedulePart, schedule: PlannedSchedule, fraction: number): SchedulePart {
  const limit = cutoff(fraction, schedule.trainTimesteps);
  const own = schedule.timesteps.slice(part.start, part.end);
  const count = own.filter((timestep) => timestep >= limit).length;
  if (count === 0) {
    throw new LimnerError(
      "invalid-request",
      `A hand-over at ${fraction} leaves the first model none of ${schedule.timesteps.length} steps. ` +
        "Hand over later or take more steps.",
    );
  }
  return { start: part.start, end: part.start + count };
}

/**
 * The part after a hand-over (`denoising_start`).
 * @param fraction of the schedule that was done before, above 0 and below 1
 * @throws LimnerError `invalid-request` when no step is left
 */
export function partAfter(schedule: PlannedSchedule, fraction: number): SchedulePart {
  const limit = cutoff(fraction, schedule.trainTimesteps);
  const { timesteps, order } = schedule;
  const below = timesteps.filter((timestep) => timestep < limit).length;
  // A second-order sampler lists timesteps in pairs, of which the first belongs to the step before.
  const count = order === 2 && below % 2 === 0 ? below + 1 : below;
  if (below === 0) {
    throw new LimnerError(
      "invalid-request",
      `A hand-over at ${fraction} leaves the second model none of ${timesteps.length} steps. ` +
        "Hand over earlier or take more steps.",
    );
  }
  return { start: timesteps.length - count, end: timesteps.length };
}

import { checkCustom } from "./customSchedule.ts";
import type { CustomSchedule } from "./scheduler.ts";
import { type ConfigReader, SchedulerError } from "./schedulerConfig.ts";

/**
 * Plans timesteps of models that were distilled on a few of the training steps (`original_inference_steps`): a subset
 * of those.
 */
export class ConsistencySteps {
  readonly #sampler: string;
  readonly #trainTimesteps: number;
  readonly #originalSteps: number;

  /** @param sampler its name, for sentences */
  constructor(sampler: string, config: ConfigReader, trainTimesteps: number) {
    this.#sampler = sampler;
    this.#trainTimesteps = trainTimesteps;
    this.#originalSteps = config.integer("original_inference_steps", 50, { minimum: 1 });
    if (this.#originalSteps > trainTimesteps) {
      throw new SchedulerError(
        `The scheduler's configuration has original_inference_steps ${this.#originalSteps}, more than its ` +
          `${trainTimesteps} training steps.`,
      );
    }
  }

  /** @throws SchedulerError for more steps than the model was distilled on */
  plan(steps: number, custom: CustomSchedule): number[] {
    const follows = { sampler: this.#sampler, timesteps: true };
    const { timesteps } = checkCustom(custom, { trainTimesteps: this.#trainTimesteps }, follows);
    if (timesteps) return [...timesteps];
    const original = this.#originalSteps;
    if (steps > original) {
      throw new SchedulerError(
        `The ${this.#sampler} sampler takes ${original} steps at most (original_inference_steps), not ${steps}.`,
      );
    }
    const width = Math.floor(this.#trainTimesteps / original);
    const stride = original / steps;
    return Array.from({ length: steps }, (_, i) => (original - Math.floor(i * stride)) * width - 1);
  }
}

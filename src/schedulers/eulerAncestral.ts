import { checkCustom } from "./customSchedule.ts";
import { divide, fround, multiply, sqrt, subtract } from "./float32.ts";
import { readNoiseSchedule, trainingSigmas } from "./noiseSchedule.ts";
import { clearSample } from "./prediction.ts";
import type { CustomSchedule, Scheduler, StepOptions } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import {
  addNoiseOfSigma,
  derivativeAt,
  firstNoiseSigma,
  moveAlong,
  planSigmas,
  readSpacing,
  spreadInFloat32,
  toUnitVariance,
} from "./sigmaSpace.ts";

/**
 * Euler's method with ancestral sampling, as diffusers' `EulerAncestralDiscreteScheduler` has it: each step goes
 * further down than it must, and fresh noise brings it back up. Draws noise at every step, the last too.
 */
export class EulerAncestralScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly #predictionType: "epsilon" | "v_prediction";
  readonly #spacing: ReturnType<typeof readSpacing>;
  readonly #trainTimesteps: number;
  readonly #trainingSigmas: Float32Array;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const schedule = readNoiseSchedule(config);
    this.#predictionType = config.choice("prediction_type", "epsilon", ["epsilon", "v_prediction"]);
    this.#spacing = readSpacing(config);
    this.#trainTimesteps = schedule.trainTimesteps;
    this.#trainingSigmas = trainingSigmas(schedule);
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  get sigmas(): Float32Array {
    return this.#sigmas;
  }

  get initNoiseSigma(): number {
    return firstNoiseSigma(this.#sigmas, this.#spacing.spacing);
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const trainTimesteps = this.#trainTimesteps;
    checkCustom(custom, { trainTimesteps }, { sampler: "euler-ancestral" });
    const timesteps = spreadInFloat32({ ...this.#spacing, steps, trainTimesteps });
    const plan = planSigmas(this.#trainingSigmas, { timesteps }, undefined, steps);
    this.#sigmas = Float32Array.from([...plan.sigmas, 0]);
    this.#timesteps = plan.timesteps;
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    return toUnitVariance(sample, this.#sigmas[index] as number);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseOfSigma(original, noise, this.#sigmas[index] as number);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array, { noise }: StepOptions): Float32Array {
    const from = this.#sigmas[index] as number;
    const to = this.#sigmas[index + 1] as number;
    const fromSquared = multiply(from, from);
    const toSquared = multiply(to, to);
    const up = sqrt(divide(multiply(toSquared, subtract(fromSquared, toSquared)), fromSquared));
    const down = sqrt(subtract(toSquared, multiply(up, up)));
    const clear = clearSample(this.#predictionType, modelOutput, sample, from);
    const moved = moveAlong(sample, derivativeAt(sample, clear, from), subtract(down, from));
    const fresh = noise();
    return moved.map((value, i) => value + fround((fresh[i] as number) * up));
  }
}

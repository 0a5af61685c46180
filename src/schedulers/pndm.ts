import { AlphaBars, addNoiseAt } from "./alphaBarSpace.ts";
import { checkCustom } from "./customSchedule.ts";
import { combine, divide, fround, multiply, sqrt, subtract } from "./float32.ts";
import { readNoiseSchedule } from "./noiseSchedule.ts";
import { noiseAt } from "./prediction.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, SchedulerError, type SchedulerValues } from "./schedulerConfig.ts";
import { readSpacing } from "./sigmaSpace.ts";
import { roundHalfEven, spreadTimesteps } from "./timestepSpacing.ts";

/** How many predictions the linear multistep weighs; as many training steps begin with Runge and Kutta's method. */
const order = 4;

/** The settings of diffusers' `PNDMScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  return {
    skipRungeKutta: config.flag("skip_prk_steps", false),
    predictionType: config.choice("prediction_type", "epsilon", ["epsilon", "v_prediction"]),
    ...readSpacing(config, "leading"),
  };
}

/**
 * Pseudo numerical methods for diffusion models (Liu et al. 2022), as diffusers' `PNDMScheduler` has them: Runge and
 * Kutta's method for the first three steps (`skip_prk_steps` false), then a linear multistep of order 4. Where it is
 * skipped, the first step is made twice instead. What happens at a call depends on how many calls there were, not on
 * the place in the schedule.
 */
export class PndmScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly initNoiseSigma = 1;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  readonly #alphaBars: AlphaBars;
  #timesteps: number[] = [];
  /** Timesteps of Runge and Kutta's method: the first of them. */
  #rungeKuttaTimesteps: number[] = [];
  #stride = 1;
  #calls = 0;
  /** Predictions of earlier steps, newest last. */
  #predictions: Float32Array[] = [];
  #startSample: Float32Array | undefined;
  /** Weighed sum of Runge and Kutta's four predictions so far. */
  #sum: Float32Array | undefined;

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    const { alphasCumprod, trainTimesteps } = readNoiseSchedule(config, { zeroSnr: "ignored" });
    this.#settings = readSettings(config);
    this.#trainTimesteps = trainTimesteps;
    this.#alphaBars = new AlphaBars(alphasCumprod, config.flag("set_alpha_to_one", false));
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { spacing, offset, skipRungeKutta, predictionType } = this.#settings;
    const trainTimesteps = this.#trainTimesteps;
    checkCustom(custom, { trainTimesteps }, { sampler: "pndm" });
    if (!skipRungeKutta && steps < order) {
      throw new SchedulerError(
        `The pndm sampler takes ${order} steps or more, not ${steps}, unless the configuration has skip_prk_steps.`,
      );
    }
    const spread = spreadTimesteps({ spacing, offset, steps, trainTimesteps }).map(roundHalfEven);
    this.#stride = Math.floor(trainTimesteps / steps);
    this.#rungeKuttaTimesteps = skipRungeKutta ? [] : this.#halves(spread.slice(0, order));
    const [first = 0, second] = spread;
    const multistep = skipRungeKutta
      ? [first, ...(second === undefined ? [] : [second]), ...spread.slice(1)]
      : spread.slice(order - 1);
    this.#timesteps = [...this.#rungeKuttaTimesteps, ...multistep];
    this.#alphaBars.check(this.#timesteps, predictionType === "epsilon");
    this.#calls = 0;
    this.#predictions = [];
    this.#startSample = undefined;
    this.#sum = undefined;
  }

  /** Begin, middle (twice) and end of each of the first steps, each end again as the next begin. */
  #halves(spread: readonly number[]): number[] {
    const half = Math.floor(this.#stride / 2);
    return spread.slice(0, -1).flatMap((timestep, i) => {
      const next = spread[i + 1] as number;
      return [timestep, next + half, next + half, next];
    });
  }

  scaleModelInput(sample: Float32Array): Float32Array {
    return sample;
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseAt(this.#alphaBars.levelAt(this.#timesteps[index] as number), original, noise);
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const timestep = this.#timesteps[index] as number;
    const next =
      this.#calls < this.#rungeKuttaTimesteps.length
        ? this.#stepRungeKutta(modelOutput, timestep, sample)
        : this.#stepMultistep(modelOutput, timestep, sample);
    this.#calls += 1;
    return next;
  }

  #stepRungeKutta(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    const stage = this.#calls % 4;
    const start = this.#rungeKuttaTimesteps[this.#calls - stage] as number;
    const next = timestep - (stage % 2 === 1 ? 0 : Math.floor(this.#stride / 2));
    const weight = fround(stage === 0 || stage === 3 ? 1 / 6 : 1 / 3);
    const weighed = output.map((value) => weight * value);
    const before = this.#sum;
    const sum = before ? weighed.map((value, i) => (before[i] as number) + value) : weighed;
    this.#sum = stage === 3 ? undefined : sum;
    if (stage === 0) {
      this.#predictions.push(output);
      this.#startSample = sample;
    }
    return this.#move(this.#startSample ?? sample, start, next, stage === 3 ? sum : output);
  }

  #stepMultistep(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    // The second call makes the first step again, with the mean of the predictions at both ends.
    const again = this.#calls === 1;
    if (!again) this.#predictions = [...this.#predictions.slice(1 - order), output];
    const from = again ? timestep + this.#stride : timestep;
    const start = again ? (this.#startSample ?? sample) : sample;
    if (this.#calls === 0) this.#startSample = sample;
    return this.#move(start, from, from - this.#stride, this.#weigh(output, again));
  }

  /** The prediction that Adams and Bashforth's method makes of those there are. */
  #weigh(output: Float32Array, again: boolean): Float32Array {
    const [first, second, third, fourth] = this.#predictions.toReversed();
    if (!first || again) {
      return first ? output.map((value, i) => fround(value + (first[i] as number)) / 2) : output;
    }
    if (!second) return output;
    if (!third) return combine([3, first], [-1, second]).map((value) => value / 2);
    if (!fourth) return combine([23, first], [-16, second], [5, third]).map((value) => value / 12);
    const sum = combine([55, first], [-59, second], [37, third], [-9, fourth]);
    const weight = fround(1 / 24);
    return sum.map((value) => weight * value);
  }

  /** From one timestep to another along a prediction (Liu et al. 2022, equation 9). */
  #move(sample: Float32Array, from: number, to: number, output: Float32Array): Float32Array {
    const alphaBar = this.#alphaBars.at(from);
    const nextAlphaBar = this.#alphaBars.at(to);
    const noise = noiseAt(this.#alphaBars.levelAt(from), this.#settings.predictionType, output, sample);
    const scale = sqrt(divide(nextAlphaBar, alphaBar));
    const difference = subtract(nextAlphaBar, alphaBar);
    const divisor = fround(
      multiply(alphaBar, sqrt(subtract(1, nextAlphaBar))) +
        sqrt(multiply(multiply(alphaBar, subtract(1, alphaBar)), nextAlphaBar)),
    );
    return sample.map(
      (value, i) => fround(scale * value) - fround(fround(difference * (noise[i] as number)) / divisor),
    );
  }
}

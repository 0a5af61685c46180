import { checkCustom } from "./customSchedule.ts";
import { add, combine, divide, fround, log, multiply, sqrt, subtract } from "./float32.ts";
import type { CustomSchedule, Scheduler } from "./scheduler.ts";
import { ConfigReader, type SchedulerValues } from "./schedulerConfig.ts";
import { exponentialSigmas, karrasSigmas } from "./sigmaSchedules.ts";
import { addNoiseOfSigma, derivativeAt, moveAlong, readFinalSigma } from "./sigmaSpace.ts";

/** Above 0, so that the sigmas have logarithms. */
const positive = { minimum: 1e-9 };

/** The settings of diffusers' `EDMEulerScheduler`, with its defaults. */
function readSettings(config: ConfigReader) {
  return {
    sigmaMin: config.number("sigma_min", 0.002, positive),
    sigmaMax: config.number("sigma_max", 80, positive),
    sigmaData: config.number("sigma_data", 0.5, positive),
    curve: config.choice("sigma_schedule", "karras", ["karras", "exponential"]),
    rho: config.number("rho", 7, positive),
    predictionType: config.choice("prediction_type", "epsilon", ["epsilon", "v_prediction"]),
    finalSigma: readFinalSigma(config),
  };
}

/**
 * Euler's method for models trained as Karras et al. 2022 precondition them (table 1, column EDM), as diffusers'
 * `EDMEulerScheduler` has it. Sigmas do not come from the training steps, and timesteps are ¼·ln σ.
 */
export class EdmEulerScheduler implements Scheduler {
  readonly order = 1;
  readonly takesEta = false;
  readonly #settings: ReturnType<typeof readSettings>;
  readonly #trainTimesteps: number;
  #timesteps: number[] = [];
  #sigmas = new Float32Array();

  /** @throws SchedulerError for a value that diffusers refuses too */
  constructor(values: SchedulerValues) {
    const config = new ConfigReader(values);
    this.#settings = readSettings(config);
    this.#trainTimesteps = config.integer("num_train_timesteps", 1000, { minimum: 1 });
  }

  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  get sigmas(): Float32Array {
    return this.#sigmas;
  }

  get initNoiseSigma(): number {
    return Math.sqrt(this.#settings.sigmaMax ** 2 + 1);
  }

  setTimesteps(steps: number, custom: CustomSchedule = {}): void {
    const { sigmaMin, sigmaMax, curve, rho, finalSigma } = this.#settings;
    checkCustom(custom, { trainTimesteps: this.#trainTimesteps }, { sampler: "edm-euler" });
    // With one step the exponential schedule begins at its smallest sigma, as diffusers has it.
    const sigmas =
      curve === "karras"
        ? karrasSigmas(sigmaMax, sigmaMin, steps, rho)
        : exponentialSigmas(steps === 1 ? sigmaMin : sigmaMax, sigmaMin, steps);
    const last = sigmas[sigmas.length - 1] as number;
    this.#sigmas = Float32Array.from([...sigmas, finalSigma === "zero" ? 0 : last]);
    this.#timesteps = Array.from(this.#sigmas.subarray(0, -1), (sigma) => fround(0.25 * log(sigma)));
  }

  scaleModelInput(sample: Float32Array, index: number): Float32Array {
    const scale = divide(1, sqrt(this.#variance(this.#sigmas[index] as number)));
    return sample.map((value) => value * scale);
  }

  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array {
    return addNoiseOfSigma(original, noise, this.#sigmas[index] as number);
  }

  clearEstimate(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const { sigmaData, predictionType } = this.#settings;
    const sigma = this.#sigmas[index] as number;
    const variance = this.#variance(sigma);
    const outputScale = divide(multiply(sigma, fround(sigmaData)), sqrt(variance));
    return combine(
      [divide(fround(sigmaData ** 2), variance), sample],
      [predictionType === "epsilon" ? outputScale : -outputScale, modelOutput],
    );
  }

  step(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array {
    const sigma = this.#sigmas[index] as number;
    const clear = this.clearEstimate(modelOutput, index, sample);
    const width = subtract(this.#sigmas[index + 1] as number, sigma);
    return moveAlong(sample, derivativeAt(sample, clear, sigma), width);
  }

  #variance(sigma: number): number {
    return add(multiply(sigma, sigma), fround(this.#settings.sigmaData ** 2));
  }
}

/** What a step may need besides the model's output. */
export interface StepOptions {
  /** Standard normal noise, as many values as the sample has. Called in the order that diffusers draws. */
  noise: () => Float32Array;
  /** η of samplers that take it, from 0 (deterministic, the default) to 1. */
  eta?: number;
}

/** A schedule of one's own. One list at most may be there; it also says how many steps there are. */
export interface CustomSchedule {
  /** Falling sigmas, one more than there are steps: the last is where the run ends, usually 0. */
  sigmas?: readonly number[];
  /** Falling timesteps, one for each step. */
  timesteps?: readonly number[];
}

/**
 * A sampler: which timesteps to visit, and how to get from one to the next. Arrays hold one sample (or several alike)
 * in any layout; all arithmetic is element by element in float32, as torch computes it.
 *
 * A run may begin at any step: whoever starts in the middle (image to image) calls `step` with that index first.
 */
export interface Scheduler {
  /** What the UNet is given at each call, from the noisiest to the clearest. Set by `setTimesteps`. */
  readonly timesteps: readonly number[];
  /** Calls of the UNet that an inner step takes: with 2, each timestep but the first stands twice in `timesteps`. */
  readonly order: 1 | 2;
  /** Whether `eta` changes anything. */
  readonly takesEta: boolean;
  /** Standard deviation that the first noise is scaled to. Known once `setTimesteps` was called. */
  readonly initNoiseSigma: number;
  /**
   * Plans a run and forgets an earlier one.
   * @param steps inference steps, 1 or more; a custom schedule's length counts instead
   * @throws SchedulerError for a number of steps or a custom schedule that this sampler cannot follow
   */
  setTimesteps(steps: number, custom?: CustomSchedule): void;
  /** The sample as the UNet takes it. @param index of the call in `timesteps` */
  scaleModelInput(sample: Float32Array, index: number): Float32Array;
  /**
   * A clear sample, as noisy as samples are before the step of an index.
   * @param original a clear sample
   * @param noise standard normal noise
   * @param index of the call in `timesteps`
   */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array;
  /**
   * The sample one step clearer.
   * @param modelOutput the UNet's prediction, guidance applied
   * @param index of the call in `timesteps`; calls of one run go up by one
   * @param sample the sample that `scaleModelInput` was given
   */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, options: StepOptions): Float32Array;
  /** The clear sample that an output amounts to, where the prediction type and the noise do not tell it. */
  clearEstimate?(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array;
}

/** Whether the plan needs a UNet that takes fractional timesteps. */
export function hasFractionalTimesteps({ timesteps }: Pick<Scheduler, "timesteps">): boolean {
  return !timesteps.every(Number.isInteger);
}

/** What a step may need besides the model's output. */
export interface StepOptions {
  /** Standard normal noise, as many values as the sample has. Called in the order that diffusers draws. */
  noise: () => Float32Array;
}

/**
 * A sampler: which timesteps to visit, and how to get from one to the next. Arrays hold one sample (or several alike)
 * in any layout; all arithmetic is element by element in float32, as torch computes it.
 */
export interface Scheduler {
  /** What the UNet is given at each step, from the noisiest to the clearest. Set by `setTimesteps`. */
  readonly timesteps: readonly number[];
  /** Standard deviation that the first noise is scaled to. Known once `setTimesteps` was called. */
  readonly initNoiseSigma: number;
  /** Plans a run and forgets an earlier one. @param steps inference steps, 1 or more */
  setTimesteps(steps: number): void;
  /** The sample as the UNet takes it. @param index of the step in `timesteps` */
  scaleModelInput(sample: Float32Array, index: number): Float32Array;
  /**
   * The sample one step clearer.
   * @param modelOutput the UNet's prediction, guidance applied
   * @param index of the step in `timesteps`
   * @param sample the sample that `scaleModelInput` was given
   */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, options: StepOptions): Float32Array;
}

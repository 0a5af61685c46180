/** Seconds spent on each part of one image. */
export interface Timings {
  load: number;
  encode: number;
  denoise: number;
  decode: number;
  write: number;
}

/** One finished image of a job. */
export interface GeneratedImage {
  /** Absolute path of the asset. */
  file: string;
  seed: number;
  width: number;
  height: number;
  timings: Timings;
  /** Name of the model that drew it. */
  model: string;
}

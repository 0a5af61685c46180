/** What a job is doing. */
export type Stage = "load" | "encode" | "denoise" | "decode" | "write";

/** One report of a running job. */
export interface Progress {
  /** The image of the batch this is about, from 0. */
  image: number;
  images: number;
  stage: Stage;
  /** Steps done of this image, 0 before the first. */
  step: number;
  steps: number;
  /** Seconds until the job is done, once enough steps were timed to tell. */
  secondsLeft?: number;
  /** A sentence where the stage alone does not say what takes time: "Compiling unet". */
  detail?: string;
}

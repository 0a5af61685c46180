import { f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { type Guidance, guide, isGuided } from "./guidance.ts";
import type { Unet, UnetConditioning } from "./noisePrediction.ts";

/** Everything a run of the denoising loop needs. */
export interface DenoisingRun {
  unet: Unet;
  /** Its timesteps are set; state of an earlier run is gone. */
  scheduler: Scheduler;
  /** Noisy latents to begin with, `[1, channels, height, width]`. */
  latents: TensorOf<"f32">;
  positive: UnetConditioning;
  /** Without it there is no guidance, and one call of the UNet a step. */
  negative?: UnetConditioning;
  guidanceScale: number;
  /** See `Guidance`. */
  guidanceRescale?: number;
  guidanceRange?: Guidance["range"];
  /** Noise for samplers that draw some at every step: as many values as the latents have. */
  noise: () => Float32Array;
  signal?: AbortSignal;
  /** Called after each step with the number of steps done. */
  onStep?(done: number): void;
}

/**
 * The one denoising loop: at each timestep the UNet predicts, guidance combines, the scheduler steps. Guidance takes
 * two calls of batch 1, negative first: on a CPU they cost what one call of batch 2 costs, and one graph serves both.
 * Steps that are not guided take the positive call only.
 * @returns the final latents, `[1, channels, height, width]`
 * @throws LimnerError `cancelled` when the signal is aborted
 */
export async function denoise(run: DenoisingRun): Promise<TensorOf<"f32">> {
  const { unet, scheduler, positive, signal } = run;
  const guidance: Guidance = {
    scale: run.guidanceScale,
    rescale: run.guidanceRescale,
    range: run.guidanceRange,
  };
  const { shape } = run.latents;
  let latents = run.latents.data;
  for (const [index, timestep] of scheduler.timesteps.entries()) {
    if (signal?.aborted) throw new LimnerError("cancelled", "Cancelled.");
    const sample = f32(shape, scheduler.scaleModelInput(latents, index));
    const guided = isGuided(index, scheduler.timesteps.length, run.guidanceRange);
    const negative = guided ? run.negative : undefined;
    const forNegative = negative && (await unet.predict(sample, timestep, negative, signal));
    const forPositive = await unet.predict(sample, timestep, positive, signal);
    const prediction = forNegative ? guide(forNegative, forPositive, guidance) : forPositive;
    latents = scheduler.step(prediction, index, latents, { noise: run.noise });
    run.onStep?.(index + 1);
  }
  return f32(shape, latents);
}

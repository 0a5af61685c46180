import { f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Scheduler } from "../schedulers/scheduler.ts";
import { type Guidance, guide, isGuided } from "./guidance.ts";
import type { Unet, UnetConditioning } from "./noisePrediction.ts";
import type { SchedulePart } from "./schedulePart.ts";

/** Everything a run of the denoising loop needs. */
export interface DenoisingRun {
  unet: Unet;
  /** Its timesteps are set; state of an earlier run is gone. */
  scheduler: Scheduler;
  /** The calls of the schedule that are run (default: all). */
  part?: SchedulePart;
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
  /** η of samplers that take it. */
  eta?: number;
  /** Channels that the UNet takes beside the latents, `[more channels, height, width]`; not scaled by the sampler. */
  besideLatents?: Float32Array;
  /** Changes the latents after each step: `next` is the call that comes then, absent after the last. */
  afterStep?(latents: Float32Array, next: number | undefined): Float32Array;
  signal?: AbortSignal;
  /** Awaited after each step; some samplers call the UNet twice a step. */
  onStep?(step: DoneStep): Promise<void> | void;
}

/** What a step has come to. */
export interface DoneStep {
  /** Steps done so far. */
  done: number;
  /** Index of the call in the scheduler's timesteps. */
  index: number;
  /** The latents before it. */
  sample: Float32Array;
  /** What the UNet predicted, guidance applied. */
  prediction: Float32Array;
}

/** `[1, channels + more, height, width]` of `[1, channels, height, width]` and more channels. */
function withChannels(sample: TensorOf<"f32">, more: Float32Array | undefined): TensorOf<"f32"> {
  if (!more) return sample;
  const [batch = 1, channels = 0, height = 0, width = 0] = sample.shape;
  const data = new Float32Array(sample.data.length + more.length);
  data.set(sample.data);
  data.set(more, sample.data.length);
  return f32([batch, channels + more.length / (height * width), height, width], data);
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
  const { start, end } = run.part ?? { start: 0, end: scheduler.timesteps.length };
  let latents = run.latents.data;
  for (let index = start; index < end; index++) {
    if (signal?.aborted) throw new LimnerError("cancelled", "Cancelled.");
    const timestep = scheduler.timesteps[index] as number;
    const sample = withChannels(f32(shape, scheduler.scaleModelInput(latents, index)), run.besideLatents);
    const guided = isGuided(index, scheduler.timesteps.length, run.guidanceRange);
    const negative = guided ? run.negative : undefined;
    const forNegative = negative && (await unet.predict(sample, timestep, negative, signal));
    const forPositive = await unet.predict(sample, timestep, positive, signal);
    const prediction = forNegative ? guide(forNegative, forPositive, guidance) : forPositive;
    const before = latents;
    latents = scheduler.step(prediction, index, before, { noise: run.noise, eta: run.eta });
    if (run.afterStep) latents = run.afterStep(latents, index + 1 < end ? index + 1 : undefined);
    const calls = index + 1 - start;
    if (calls % scheduler.order === 0 || index + 1 === end) {
      await run.onStep?.({ done: Math.ceil(calls / scheduler.order), index, sample: before, prediction });
    }
  }
  return f32(shape, latents);
}

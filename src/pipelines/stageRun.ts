import type { CompiledModel } from "../openvino/runtime.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import type { TileAxes } from "../protocol/generateRequest.ts";
import type { Size } from "../protocol/size.ts";
import type { TorchGenerator } from "../random/torchGenerator.ts";
import { hasFractionalTimesteps } from "../schedulers/scheduler.ts";
import { denoise } from "./denoisingLoop.ts";
import { createUnet, type Unet } from "./noisePrediction.ts";
import type { DrawHooks } from "./pipeline.ts";
import { previewOfStep } from "./preview.ts";
import type { Encode } from "./rememberingEncoder.ts";
import { type PreparedStage, planSteps } from "./stage.ts";
import { begin, type StageSource } from "./stageBeginning.ts";
import { throughWindows, type WindowLayout } from "./tiles/windows.ts";

/** How much of a window its neighbor sees too. */
const windowOverlap = 1 / 4;

/** The windows through which the UNet sees a picture, where the stage has some. */
function windowLayout({ parameters, pipeline }: PreparedStage): WindowLayout | undefined {
  const { unetWindow, tile } = parameters;
  if (!unetWindow) return undefined;
  const inLatents = (pixels: number) => Math.max(1, Math.floor(pixels / pipeline.config.vaeScaleFactor));
  const window = { width: inLatents(unetWindow.width), height: inLatents(unetWindow.height) };
  return {
    window,
    overlap: Math.max(1, Math.round(Math.min(window.width, window.height) * windowOverlap)),
    wraps: { x: tile?.includes("x") ?? false, y: tile?.includes("y") ?? false },
  };
}

/** The axes of a picture that tiles along which one window shows all of it. */
function axesOfOneWindow(tile: TileAxes | undefined, size: Size, window: Size): TileAxes | undefined {
  const x = tile?.includes("x") && window.width >= size.width;
  const y = tile?.includes("y") && window.height >= size.height;
  return x && y ? "xy" : x ? "x" : y ? "y" : undefined;
}

/**
 * Runs a prepared stage for one image.
 * @param generator of the image; drawn from in diffusers' order
 * @param image its number in the batch, for the hooks
 * @returns `[1, channels, height/8, width/8]`
 */
export async function runStage(
  stage: PreparedStage,
  source: StageSource,
  generator: TorchGenerator,
  encode: Encode,
  hooks: DrawHooks,
  image: number,
): Promise<TensorOf<"f32">> {
  const { pipeline, parameters, scheduler, part, positive, negative } = stage;
  const { guidanceScale, guidanceRescale, guidanceRange, eta } = parameters;
  // A scheduler remembers earlier steps: each image begins anew.
  planSteps(scheduler, parameters);
  const beginning = await begin(stage, source, generator, encode);
  const [, , height = 0, width = 0] = beginning.latents.shape;
  const windows = windowLayout(stage);
  const size = { width, height };
  const withWindows = (unet: Unet) => (windows ? throughWindows(unet, size, windows) : unet);
  const draw = async (model: CompiledModel) => {
    const unet = withWindows(createUnet(model));
    try {
      return await denoise({
        ...beginning,
        unet,
        scheduler,
        part,
        positive,
        negative,
        guidanceScale,
        guidanceRescale,
        guidanceRange,
        eta,
        noise: () => generator.randn(beginning.latents.data.length),
        signal: hooks.signal,
        onStep: async (step) => {
          hooks.onStage?.("denoise", image, step.done);
          if (!hooks.preview?.isDue()) return;
          const { shape } = beginning.latents;
          const preview = await previewOfStep(pipeline, scheduler, step, shape, hooks.signal);
          if (preview) hooks.preview.show(preview, image);
        },
      });
    } finally {
      unet.dispose();
    }
  };
  const fractionalTimesteps = hasFractionalTimesteps(scheduler);
  const { vaeScaleFactor } = pipeline.config;
  const seen = {
    width: Math.min(width, windows?.window.width ?? width) * vaeScaleFactor,
    height: Math.min(height, windows?.window.height ?? height) * vaeScaleFactor,
  };
  // The edges of several windows do not meet: it is the windows that go around the picture's then.
  const tile = windows ? axesOfOneWindow(parameters.tile, size, windows.window) : parameters.tile;
  return pipeline.submodels.use("unet", draw, {
    fractionalTimesteps,
    tile,
    size: seen,
    signal: hooks.signal,
  });
}

import type { Mask } from "../images/mask.ts";
import { type RgbImage, toPlanes } from "../images/rgbImage.ts";
import type { CompiledModel } from "../openvino/runtime.ts";
import { elementCount, f32, type TensorOf } from "../openvino/tensor.ts";
import type { TileAxes } from "../protocol/generateRequest.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import { hasFractionalTimesteps } from "../schedulers/scheduler.ts";
import { denoise } from "./denoisingLoop.ts";
import { type LatentDistribution, sampleLatents } from "./imageEncoding.ts";
import { blendLatents, checkMask, hidePlanes, inpaintingChannels, latentMask } from "./inpainting.ts";
import type { LatentScale } from "./latentScale.ts";
import { createUnet, type Unet } from "./noisePrediction.ts";
import type { DrawHooks } from "./pipeline.ts";
import { previewOfStep } from "./preview.ts";
import { type PreparedStage, planSteps } from "./stage.ts";
import { encodePicture } from "./tiles/vae.ts";
import { throughWindows, type WindowLayout } from "./tiles/windows.ts";
import { type Variation, variedNoise } from "./variation.ts";

/** What inpainting repaints, and what it is given instead of drawing it. */
export interface Repainting {
  mask?: Mask;
  /** Latents of the picture without what is repainted, `[1, channels, height/8, width/8]`; else they are encoded. */
  maskedLatents?: TensorOf<"f32">;
  /** Standard normal noise to begin with, whatever the strength, and to blend with; else it is drawn. */
  noise?: TensorOf<"f32">;
}

/**
 * What a stage begins with: pure noise (drawn, or given), a picture, the clear latents of a picture or of another
 * stage, or latents that are as noisy as the stage's first step expects.
 */
export type StageSource =
  | { kind: "noise"; size: Size; noise?: TensorOf<"f32">; variation?: Variation }
  | ({ kind: "image"; image: RgbImage; variation?: Variation } & Repainting)
  | ({ kind: "latents"; latents: TensorOf<"f32"> } & Repainting)
  | { kind: "noisy"; latents: TensorOf<"f32"> };

/** Encodes a picture, or what a mask leaves of it. */
export type Encode = (image: RgbImage, mask?: Mask) => Promise<LatentDistribution>;

/** An encoder that remembers the last picture: the images of a batch often share one. */
export function rememberingEncoder({ pipeline, parameters }: PreparedStage, signal?: AbortSignal): Encode {
  const { tile } = parameters;
  const known = new Map<RgbImage, Map<Mask | undefined, LatentDistribution>>();
  return async (image, mask) => {
    const found = known.get(image)?.get(mask);
    if (found) return found;
    const planes = toPlanes(image);
    const sample = f32([1, 3, image.height, image.width], mask ? hidePlanes(planes, mask) : planes);
    const encoded = await encodePicture(pipeline, sample, { tile, signal });
    if (!known.has(image)) known.clear();
    const ofImage = known.get(image) ?? new Map<Mask | undefined, LatentDistribution>();
    known.set(image, ofImage.set(mask, encoded));
    return encoded;
  };
}

/** Where a run begins, and what inpainting keeps and shows. */
interface Beginning {
  latents: TensorOf<"f32">;
  besideLatents?: Float32Array;
  afterStep?(latents: Float32Array, next: number | undefined): Float32Array;
}

function latentShape({ pipeline }: PreparedStage, { width, height }: Size): number[] {
  const { latentChannels, vaeScaleFactor } = pipeline.config;
  return [1, latentChannels, height / vaeScaleFactor, width / vaeScaleFactor];
}

/** The noise of an image, between that of its own generator and that of its variation. */
function startNoise(
  generator: TorchGenerator,
  shape: readonly number[],
  variation: Variation | undefined,
): Float32Array {
  const own = generator.randn(elementCount(shape));
  if (!variation) return own;
  const other = new TorchGenerator(variation.seed).randn(own.length);
  return variedNoise(own, other, shape, variation.strength);
}

function fromNoise({ scheduler }: PreparedStage, noise: Float32Array): Float32Array {
  return noise.map((value) => value * scheduler.initNoiseSigma);
}

/**
 * The latents to begin with. Draws come in diffusers' order: the picture's sample, the noise, the masked picture's
 * sample; latents as the source draw no sample.
 */
async function begin(
  stage: PreparedStage,
  source: StageSource,
  generator: TorchGenerator,
  encode: Encode,
): Promise<Beginning> {
  const { scheduler, part, parameters, pipeline } = stage;
  const { config } = pipeline;
  if (source.kind === "noise") {
    const shape = latentShape(stage, source.size);
    const noise = source.noise?.data ?? startNoise(generator, shape, source.variation);
    return { latents: f32(shape, fromNoise(stage, noise)) };
  }
  if (source.kind === "noisy") return { latents: source.latents };
  if (source.kind === "image" && source.mask) checkMask(source.mask, source.image);
  const hasChannels = config.unetInputChannels > config.latentChannels;
  const isHandedOver = parameters.denoisingStart !== undefined;
  const fromPureNoise =
    source.mask !== undefined && !isHandedOver && (parameters.strength === 1 || source.noise !== undefined);
  const isPlain = source.mask !== undefined && parameters.plainInpaintingScale;
  const scale: LatentScale = isPlain ? { scalingFactor: config.scalingFactor } : config;
  const draw = (encoded: LatentDistribution) =>
    sampleLatents(encoded, generator.randn(encoded.mean.length), scale);

  const shape = source.kind === "latents" ? [...source.latents.shape] : latentShape(stage, source.image);
  let clear: TensorOf<"f32"> | undefined;
  if (source.kind === "latents") clear = source.latents;
  else if (!(fromPureNoise && hasChannels)) clear = draw(await encode(source.image));
  // A hand-over adds no noise; inpainting draws it all the same, to blend with.
  const needsNoise = !isHandedOver || source.mask !== undefined;
  const variation = source.kind === "image" ? source.variation : undefined;
  const noise = needsNoise ? (source.noise?.data ?? startNoise(generator, shape, variation)) : undefined;

  const noisy = () => {
    if (noise && (fromPureNoise || !clear)) return fromNoise(stage, noise);
    if (!clear) throw new Error("a stage began with nothing");
    return noise && !isHandedOver ? scheduler.addNoise(clear.data, noise, part.start) : clear.data;
  };
  const latents = f32(shape, noisy());
  if (!source.mask) return { latents };

  const mask = latentMask(source.mask, config.vaeScaleFactor);
  // Four-channel models draw the masked picture's sample too, and do not use it.
  let shown = source.maskedLatents;
  if (!shown && source.kind === "image") shown = draw(await encode(source.image, source.mask));
  if (hasChannels) {
    if (!shown) {
      throw new LimnerError(
        "model-unsupported",
        "An inpainting model cannot go on from another model's latents.",
      );
    }
    return { latents, besideLatents: inpaintingChannels(mask, shown) };
  }
  const kept = clear?.data ?? latents.data;
  return {
    latents,
    afterStep: (drawn, next) =>
      blendLatents(drawn, next === undefined || !noise ? kept : scheduler.addNoise(kept, noise, next), mask),
  };
}

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

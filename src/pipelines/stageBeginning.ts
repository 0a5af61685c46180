import type { Mask } from "../images/mask.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import { elementCount, f32, type TensorOf } from "../openvino/tensor.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Size } from "../protocol/size.ts";
import { TorchGenerator } from "../random/torchGenerator.ts";
import { type LatentDistribution, sampleLatents } from "./imageEncoding.ts";
import { blendLatents, checkMask, inpaintingChannels, latentMask } from "./inpainting.ts";
import type { LatentScale } from "./latentScale.ts";
import { hasMaskChannels } from "./pipelineConfig.ts";
import type { Encode } from "./rememberingEncoder.ts";
import type { PreparedStage } from "./stage.ts";
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

/** Where a run begins, and what inpainting keeps and shows. */
export interface Beginning {
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

/** Latents that are ready, and what they were made of. */
interface Made {
  latents: TensorOf<"f32">;
  clear?: TensorOf<"f32">;
  noise?: Float32Array;
}

/**
 * What inpainting adds to a beginning: nine-channel UNets see the mask and the masked picture, others have what is kept
 * blended in after each step.
 * @param shown latents of the masked picture, where there are some
 * @throws LimnerError `model-unsupported` where a nine-channel UNet has nothing to see
 */
function repainted(
  { pipeline, scheduler }: PreparedStage,
  { latents, clear, noise }: Made,
  pixels: Mask,
  shown: TensorOf<"f32"> | undefined,
): Beginning {
  const { config } = pipeline;
  const mask = latentMask(pixels, config.vaeScaleFactor);
  if (hasMaskChannels(config)) {
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

/** Begins with a picture, or with clear latents. */
async function beginWith(
  stage: PreparedStage,
  source: Extract<StageSource, { kind: "image" | "latents" }>,
  generator: TorchGenerator,
  encode: Encode,
): Promise<Beginning> {
  const { scheduler, part, parameters, pipeline } = stage;
  const { config } = pipeline;
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
  else if (!(fromPureNoise && hasMaskChannels(config))) clear = draw(await encode(source.image));
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
  // Four-channel models draw the masked picture's sample too, and do not use it.
  let shown = source.maskedLatents;
  if (!shown && source.kind === "image") shown = draw(await encode(source.image, source.mask));
  return repainted(stage, { latents, clear, noise }, source.mask, shown);
}

/**
 * The latents to begin with. Draws come in diffusers' order: the picture's sample, the noise, the masked picture's
 * sample; latents as the source draw no sample.
 * @throws LimnerError `invalid-request` for a mask of another size than its picture, `model-unsupported`
 */
export async function begin(
  stage: PreparedStage,
  source: StageSource,
  generator: TorchGenerator,
  encode: Encode,
): Promise<Beginning> {
  switch (source.kind) {
    case "noise": {
      const shape = latentShape(stage, source.size);
      const noise = source.noise?.data ?? startNoise(generator, shape, source.variation);
      return { latents: f32(shape, fromNoise(stage, noise)) };
    }
    case "noisy":
      return { latents: source.latents };
    case "image":
      if (source.mask) checkMask(source.mask, source.image);
      return beginWith(stage, source, generator, encode);
    case "latents":
      return beginWith(stage, source, generator, encode);
  }
}

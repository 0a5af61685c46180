// Runs of diffusers' three SDXL pipelines (test/reference/make_pipeline_fixtures.py), done by Limner's stages with the
// pictures, masks and latents that diffusers was given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "../../src/images/imageReading.ts";
import { type Mask, readMask } from "../../src/images/mask.ts";
import { type RgbImage, withoutAlpha } from "../../src/images/rgbImage.ts";
import { f32, type TensorOf } from "../../src/openvino/tensor.ts";
import { decodeImage } from "../../src/pipelines/imageDecoding.ts";
import { sampleLatents } from "../../src/pipelines/imageEncoding.ts";
import { type Encode, rememberingEncoder } from "../../src/pipelines/rememberingEncoder.ts";
import { type PreparedStage, prepareStage, type StageParameters } from "../../src/pipelines/stage.ts";
import type { StageSource } from "../../src/pipelines/stageBeginning.ts";
import { runStage } from "../../src/pipelines/stageRun.ts";
import type { Point, Size } from "../../src/protocol/size.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { largestDifference, relativeDifference, worst } from "../support/difference.ts";
import { partOf, readFloats, readNpy } from "../support/npy.ts";
import type { ConfigChanges, TinyModels } from "./tinyModels.ts";

const fixtures = "test/fixtures/pipelines";

export type PipelineKind = "text-to-image" | "image-to-image" | "inpainting";

/** A run's request, by the product's names; those that no request of the product has end in `Latents` or `List`. */
interface RunRequest extends ConfigChanges {
  prompt: string;
  /** One for each image. */
  prompts?: string[];
  prompt2?: string;
  negativePrompt?: string;
  negativePrompts?: string[];
  negativePrompt2?: string;
  size: Size;
  steps: number;
  guidanceScale: number;
  guidanceRescale?: number;
  clipSkip?: number;
  seed: number;
  count: number;
  scheduler?: string;
  sigmasList?: number[];
  timestepsList?: number[];
  eta?: number;
  originalSize?: Size;
  cropsCoordsTopLeft?: Point;
  targetSize?: Size;
  negativeOriginalSize?: Size;
  negativeCropsCoordsTopLeft?: Point;
  negativeTargetSize?: Size;
  aestheticScore?: number;
  negativeAestheticScore?: number;
  image?: string | string[];
  imageLatents?: string;
  initialLatents?: string;
  maskedImageLatents?: string;
  mask?: string;
  /** diffusers encodes the picture once for all images of the count, with the first generator. */
  sharedImage?: boolean;
  strength?: number;
  denoisingStart?: number;
  denoisingEnd?: number;
  handoff?: number;
  refineStrength?: number;
}

export interface PipelineRun {
  name: string;
  stages: { model: string; pipeline: PipelineKind }[];
  /** Per stage, the parameters of `__call__` that had another value than their default. */
  parameters: string[][];
  request: RunRequest;
  latents: string;
  baseLatents?: string;
  picture?: string;
  preparedImage?: string;
  preparedMask?: string;
  innerPicture?: string;
}

export const { runs: pipelineRuns }: { runs: PipelineRun[] } = JSON.parse(
  readFileSync(join(fixtures, "index.json"), "utf8"),
);

/** How far a run is from diffusers'. */
export interface RunDifference {
  /** Of the final latents and those of the stages before, max|Δ| / max|reference|. */
  latents: number;
  /** Of the picture, in levels of 0 to 255, where diffusers made one. */
  pixels?: number;
}

const stored = (file: string): TensorOf<"f32"> => {
  const { shape, data } = readFloats(join(fixtures, file));
  return f32(shape, data);
};

function parametersOf({ stages, request }: PipelineRun, at: number, image: number): StageParameters {
  const pipeline = stages[at]?.pipeline;
  const isRefiner = stages[at]?.model === "tiny-refiner";
  const isFirst = at === 0;
  const { size, originalSize = size, cropsCoordsTopLeft = { x: 0, y: 0 }, targetSize = size } = request;
  const micro = { originalSize, cropsCoordsTopLeft, targetSize };
  const negativeCrop = request.negativeCropsCoordsTopLeft ?? { x: 0, y: 0 };
  const both = request.negativeOriginalSize && request.negativeTargetSize;
  const negativeMicro = {
    originalSize: request.negativeOriginalSize ?? originalSize,
    // diffusers' image to image takes the positive crop unless the model wants aesthetic scores.
    cropsCoordsTopLeft: pipeline === "text-to-image" || isRefiner ? negativeCrop : cropsCoordsTopLeft,
    targetSize: request.negativeTargetSize ?? targetSize,
  };
  const defaultStrength = { "text-to-image": undefined, "image-to-image": 0.3, inpainting: 0.9999 };
  return {
    ...request,
    prompt: request.prompts?.[image] ?? request.prompt,
    negativePrompt: request.negativePrompts?.[image] ?? request.negativePrompt,
    longPrompts: "cut",
    weighting: "off",
    micro,
    negativeMicro: pipeline === "text-to-image" && !both ? micro : negativeMicro,
    aestheticScore: request.aestheticScore ?? 6,
    negativeAestheticScore: request.negativeAestheticScore ?? 2.5,
    strength:
      (isFirst ? request.strength : request.refineStrength) ?? (pipeline && defaultStrength[pipeline]),
    denoisingStart: isFirst ? request.denoisingStart : request.handoff,
    denoisingEnd: isFirst ? (request.handoff ?? request.denoisingEnd) : undefined,
    plainInpaintingScale: true,
  };
}

async function picture(file: string): Promise<RgbImage> {
  return withoutAlpha(await readImage(join(fixtures, "pictures", file)));
}

/** What the first stage begins with, for one image of the count. */
async function sourceOf(run: PipelineRun, image: number): Promise<StageSource> {
  const { request, preparedImage, preparedMask } = run;
  const given = request.initialLatents ? stored(request.initialLatents) : undefined;
  const names = [preparedImage ?? request.image ?? []].flat();
  const name = names[image % Math.max(names.length, 1)];
  if (!name && !request.imageLatents) return { kind: "noise", size: request.size, noise: given };
  const maskFile = preparedMask ?? request.mask;
  if (given && !maskFile) return { kind: "noisy", latents: given };
  const repainting = {
    mask: maskFile ? await readMask(join(fixtures, "pictures", maskFile)) : undefined,
    maskedLatents: request.maskedImageLatents ? stored(request.maskedImageLatents) : undefined,
    noise: given,
  };
  if (request.imageLatents) return { kind: "latents", latents: stored(request.imageLatents), ...repainting };
  return { kind: "image", image: await picture(name ?? ""), ...repainting };
}

/** What the images after the first begin with where diffusers encodes the picture with the first generator. */
async function sharedSource(
  source: StageSource,
  { pipeline, parameters }: PreparedStage,
  encode: Encode,
  seed: number,
): Promise<StageSource> {
  if (source.kind !== "image") return source;
  const { config } = pipeline;
  const generator = new TorchGenerator(seed);
  const sample = async (mask?: Mask) => {
    const encoded = await encode(source.image, mask);
    return sampleLatents(encoded, generator.randn(encoded.mean.length), {
      scalingFactor: config.scalingFactor,
    });
  };
  // Nine channels at full strength have no use for the picture itself.
  const skipsPicture = config.unetInputChannels > config.latentChannels && parameters.strength === 1;
  const hidden = skipsPicture ? undefined : await sample();
  const { width, height } = source.image;
  const shape = [
    1,
    config.latentChannels,
    height / config.vaeScaleFactor,
    width / config.vaeScaleFactor,
  ] as const;
  const noise = generator.randn(shape[1] * shape[2] * shape[3]);
  const latents = hidden ?? f32(shape, noise);
  return { kind: "latents", latents, mask: source.mask, maskedLatents: await sample(source.mask) };
}

interface ReadyStage {
  ready: PreparedStage;
  encode: Encode;
}

async function prepared(run: PipelineRun, image: number, models: TinyModels): Promise<ReadyStage[]> {
  const stages: ReadyStage[] = [];
  for (const [at, { model: name }] of run.stages.entries()) {
    const pipeline = models.pipeline(name, run.request);
    const ready = await prepareStage(pipeline, parametersOf(run, at, image), {});
    stages.push({ ready, encode: rememberingEncoder(ready) });
  }
  return stages;
}

/** The latents of each stage for one image. */
async function latentsOf(run: PipelineRun, image: number, stages: ReadyStage[]): Promise<TensorOf<"f32">[]> {
  const { seed, sharedImage } = run.request;
  let source = await sourceOf(run, image);
  const mask = "mask" in source ? source.mask : undefined;
  const [first] = stages;
  if (sharedImage && image > 0 && first) source = await sharedSource(source, first.ready, first.encode, seed);
  const results: TensorOf<"f32">[] = [];
  for (const [at, { ready, encode }] of stages.entries()) {
    const latents = await runStage(ready, source, new TorchGenerator(seed + image), encode, {}, image);
    results.push(latents);
    const repaints = run.stages[at + 1]?.pipeline === "inpainting";
    source = { kind: "latents", latents, mask: repaints ? mask : undefined };
  }
  return results;
}

/** Does a run of diffusers and says how far the result is from diffusers'. */
export async function comparePipelineRun(run: PipelineRun, models: TinyModels): Promise<RunDifference> {
  const { count } = run.request;
  const difference: RunDifference = { latents: 0 };
  let stages = await prepared(run, 0, models);
  for (let image = 0; image < count; image++) {
    if (image > 0 && run.request.prompts) stages = await prepared(run, image, models);
    const results = await latentsOf(run, image, stages);
    const references = [run.baseLatents ?? [], run.latents].flat();
    for (const [at, file] of references.entries()) {
      const { data } = results[at] ?? { data: [] };
      const reference = partOf(stored(file).data, image, count);
      difference.latents = worst(difference.latents, relativeDifference(data, reference));
    }
    const last = results.at(-1);
    const pipeline = stages.at(-1)?.ready.pipeline;
    const file = run.innerPicture ?? run.picture;
    if (!file || !last || !pipeline) continue;
    const decoded = await pipeline.submodels.use("vae_decoder", (decoder) =>
      decodeImage(decoder, last, pipeline.config),
    );
    const reference = partOf(readNpy(join(fixtures, file)).data as Uint8Array, image, count);
    difference.pixels = worst(difference.pixels ?? 0, largestDifference(decoded.data, reference));
  }
  return difference;
}

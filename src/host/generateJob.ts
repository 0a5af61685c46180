import { checkWritable } from "../assets/checkWritable.ts";
import { writeAsset } from "../assets/writeAsset.ts";
import { describeGeneration } from "../images/generationRecord.ts";
import { encodeImage } from "../images/imageEncoding.ts";
import { readEmbeddings } from "../models/embeddingFiles.ts";
import { type DrawnImage, type DrawParameters, drawImages } from "../pipelines/drawing.ts";
import type { PreviewHook } from "../pipelines/pipeline.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import type { Progress, Stage } from "../protocol/progress.ts";
import { withLoraTags } from "../protocol/promptLoras.ts";
import type { Size } from "../protocol/size.ts";
import { finishImage } from "./finishedImage.ts";
import type { JobTarget } from "./jobTarget.ts";
import { checkMemory } from "./memoryCheck.ts";
import type { OpenModel } from "./openModel.ts";
import { preparePictures } from "./preparedPictures.ts";
import { refuseContradictions } from "./requestContradictions.ts";
import { resolveRequest } from "./resolveRequest.ts";
import { StageClock } from "./stageClock.ts";
import { StepTimer } from "./stepTimer.ts";

/** What a job reports and heeds. */
export interface JobHooks {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  onWarning?(sentence: string): void;
  /** Every finished picture with its latents, before it is written. */
  onDrawn?(drawn: DrawnImage): void;
  /** At the end of a job that one model drew at one size: what a step took. */
  onStepSeconds?(seconds: number, drawn: { size: Size; isGuided: boolean }): void;
  /** Where previews are shown. */
  preview?: PreviewHook;
}

/** The models of a job. */
export interface JobModels {
  base: OpenModel;
  /** Needed where the request names one. */
  refiner?: OpenModel;
}

/** The request for one image of a batch: its own picture to begin with, and its own variation. */
function requestOfImage(
  request: GenerateRequest,
  { variations }: DrawParameters,
  index: number,
): GenerateRequest {
  const { images } = request;
  const own = images?.[index % images.length];
  const variation = variations?.[index];
  return {
    ...request,
    ...(own ? { images: [own] } : {}),
    ...(variation ? { variationSeed: variation.seed, variationStrength: variation.strength } : {}),
  };
}

/** @throws LimnerError `invalid-request` where the format of the target cannot hold what is asked for */
function checkFormat({ transparent }: GenerateRequest, { format }: JobTarget): void {
  if (!transparent || format !== "jpeg") return;
  throw new LimnerError(
    "invalid-request",
    "JPEG has no transparency: write PNG, WebP or AVIF, or leave the background.",
  );
}

/** The parameters with the vectors of the embeddings that the request names, read for each model. */
async function withEmbeddings(
  parameters: DrawParameters,
  files: readonly string[],
  { base, refiner }: JobModels,
): Promise<DrawParameters> {
  if (files.length === 0) return parameters;
  const { refine, upscale } = parameters;
  const embeddings = await readEmbeddings(files, base.folder);
  // The refiner reads them its own way, and enlarges where there is one.
  const finishing = refine && refiner ? await readEmbeddings(files, refiner.folder) : embeddings;
  return {
    ...parameters,
    base: { ...parameters.base, embeddings },
    refine: refine && { ...refine, embeddings: finishing },
    upscale: upscale && { ...upscale, stage: { ...upscale.stage, embeddings: finishing } },
  };
}

/** The largest size that the UNet sees: a picture that is only enlarged goes through windows. */
function unetSize({ size, upscale }: DrawParameters): Size {
  return (upscale?.alone && upscale.stage.unetWindow) || size;
}

/**
 * Draws the images of a request and writes each as it is finished.
 * @param request validated
 * @param version Limner's version, which travels in the pictures
 * @throws LimnerError: images that were written before stay; `background-not-flat` when all are written
 */
export async function* runGenerateJob(
  request: GenerateRequest,
  models: JobModels,
  target: JobTarget,
  version: string,
  hooks: JobHooks = {},
): AsyncGenerator<GeneratedImage, void, undefined> {
  const { base, refiner } = models;
  refuseContradictions(request);
  checkFormat(request, target);
  const prepared = await preparePictures(request, base.folder.config);
  const resolved = resolveRequest(request, base.folder, prepared?.size, refiner?.folder);
  const parameters = await withEmbeddings(resolved, request.embeddings ?? [], models);
  const { seeds } = parameters;
  await checkMemory({ base, refiner, size: unetSize(parameters), fromPicture: prepared !== undefined });
  await checkWritable(target.pathOf({ seed: seeds[0] ?? 0, index: 1 }), target.roots);
  const clock = new StageClock(() => base.loadSeconds() + (refiner?.loadSeconds() ?? 0));
  const timer = new StepTimer();
  let { steps } = parameters.base;
  const report = (stage: Stage, image: number, step: number) => {
    const stepsLeft = steps - step + (seeds.length - 1 - image) * steps;
    hooks.onProgress?.({
      image,
      images: seeds.length,
      stage,
      step,
      steps,
      secondsLeft: stage === "denoise" ? timer.secondsLeft(stepsLeft) : undefined,
    });
  };

  const sources = { base: base.pipeline, refiner: refiner?.pipeline, pictures: prepared?.pictures };
  const drawing = drawImages(sources, parameters, {
    signal: hooks.signal,
    preview: hooks.preview,
    onWarning: hooks.onWarning,
    onPlan(planned) {
      steps = planned;
    },
    onStage(stage, image, step) {
      if (stage === "denoise" && step > 0) timer.step();
      else {
        clock.enter(stage);
        if (stage === "denoise") timer.start();
      }
      report(stage, image, step);
    },
  });
  const problems: string[] = [];
  for await (const drawn of drawing) {
    hooks.onDrawn?.(drawn);
    clock.enter("write");
    report("write", drawn.index, steps);
    const metadata = describeGeneration({
      request: withLoraTags(requestOfImage(request, parameters, drawn.index)),
      model: base.folder.name,
      seed: drawn.seed,
      steps: parameters.base.steps,
      guidanceScale: parameters.base.guidanceScale,
      scheduler: drawn.scheduler,
      width: drawn.image.width,
      height: drawn.image.height,
      version,
    });
    const whole = prepared ? await prepared.finish(drawn.image, drawn.index) : drawn.image;
    const { image, problem } = await finishImage(whole, request);
    const file = await writeAsset({
      path: target.pathOf({ seed: drawn.seed, index: drawn.index + 1 }),
      bytes: await encodeImage(image, target.format, metadata),
      roots: target.roots,
    });
    const { width, height } = image;
    yield { file, seed: drawn.seed, width, height, timings: clock.take(), model: base.folder.name };
    if (problem) problems.push(`${file} was written as it was drawn. ${problem.message}`);
  }
  const { stepSeconds } = timer;
  if (stepSeconds !== undefined && !parameters.refine && !parameters.upscale) {
    hooks.onStepSeconds?.(stepSeconds, {
      size: parameters.size,
      isGuided: parameters.base.guidanceScale > 1,
    });
  }
  if (problems.length > 0) throw new LimnerError("background-not-flat", problems.join("\n"));
}

import { checkWritable } from "../assets/checkWritable.ts";
import { writeAsset } from "../assets/writeAsset.ts";
import { describeGeneration } from "../images/generationRecord.ts";
import { encodeImage } from "../images/imageEncoding.ts";
import type { ImageFormat } from "../images/imageFormat.ts";
import { readEmbeddings } from "../models/embeddingFiles.ts";
import { type DrawnImage, textToImage } from "../pipelines/textToImage.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import type { Progress, Stage } from "../protocol/progress.ts";
import type { OpenModel } from "./openModel.ts";
import { resolveRequest } from "./resolveRequest.ts";
import { StageClock } from "./stageClock.ts";
import { StepTimer } from "./stepTimer.ts";

/** Where the images of a job go. */
export interface JobTarget {
  /** Path of an image, by its seed and its number in the batch (from 1). A taken name gets a number. */
  pathOf(image: { seed: number; index: number }): string;
  format: ImageFormat;
  /** Folders below which the job may write. */
  roots: readonly string[];
}

/** What a job reports and heeds. */
export interface JobHooks {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  onWarning?(sentence: string): void;
  /** Every finished picture with its latents, before it is written. */
  onDrawn?(drawn: DrawnImage): void;
}

/**
 * Draws the images of a request and writes each as it is finished.
 * @param request validated
 * @param version Limner's version, which travels in the pictures
 * @throws LimnerError: images that were written before stay
 */
export async function* runGenerateJob(
  request: GenerateRequest,
  model: OpenModel,
  target: JobTarget,
  version: string,
  hooks: JobHooks = {},
): AsyncGenerator<GeneratedImage, void, undefined> {
  const parameters = {
    ...resolveRequest(request, model.folder),
    embeddings: await readEmbeddings(request.embeddings ?? [], model.folder),
  };
  const { steps, size, seeds } = parameters;
  await checkWritable(target.pathOf({ seed: seeds[0] ?? 0, index: 1 }), target.roots);
  const clock = new StageClock(model.loadSeconds);
  const timer = new StepTimer();
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

  const drawing = textToImage(model.pipeline, parameters, {
    signal: hooks.signal,
    onWarning: hooks.onWarning,
    onStage(stage, image, step) {
      if (stage === "denoise" && step > 0) timer.step();
      else {
        clock.enter(stage);
        if (stage === "denoise") timer.start();
      }
      report(stage, image, step);
    },
  });
  for await (const drawn of drawing) {
    hooks.onDrawn?.(drawn);
    clock.enter("write");
    report("write", drawn.index, steps);
    const metadata = describeGeneration({
      request,
      model: model.folder.name,
      seed: drawn.seed,
      steps,
      guidanceScale: parameters.guidanceScale,
      scheduler: drawn.scheduler,
      width: size.width,
      height: size.height,
      version,
    });
    const file = await writeAsset({
      path: target.pathOf({ seed: drawn.seed, index: drawn.index + 1 }),
      bytes: await encodeImage(drawn.image, target.format, metadata),
      roots: target.roots,
    });
    yield { file, seed: drawn.seed, ...size, timings: clock.take(), model: model.folder.name };
  }
}

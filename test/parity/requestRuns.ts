// Text to image by whole requests, as the command line makes them, against diffusers
// (test/reference/make_outputs.py, make_conditioning_fixtures.py, make_sampler_runs.py).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { type GenerateRequest, generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { largestDifference, relativeDifference, worst } from "../support/difference.ts";
import { partOf, readFloats, readNpy } from "../support/npy.ts";
import type { RunDifference } from "./pipelineRuns.ts";
import type { TinyModels } from "./tinyModels.ts";

/** A request, and what diffusers draws for it. */
export interface RequestRun {
  name: string;
  request: GenerateRequest;
  /** `[count, channels, height/8, width/8]` */
  latents: { shape: readonly number[]; data: ArrayLike<number> };
  /** `[count, height, width, 3]`, where it was stored. */
  picture?: { shape: readonly number[]; data: Uint8Array };
}

interface StoredRun {
  name?: string;
  request: GenerateRequest;
  latents: string;
  image?: string;
}

/** diffusers cuts prompts at 77 tokens and takes brackets as text. */
const asDiffusersReads = { longPrompts: "cut", weighting: "off" } as const;

function readJson(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function storedRuns(folder: string, runs: StoredRun[], changes: Partial<GenerateRequest>): RequestRun[] {
  return runs.map(({ name, request, latents, image }) => {
    const picture = image ? readNpy(join(folder, image)) : undefined;
    return {
      name: name ?? latents.replace(/\.npy$/, ""),
      request: generateRequestSchema.parse({ ...request, ...changes }),
      latents: readFloats(join(folder, latents)),
      ...(picture ? { picture: { shape: picture.shape, data: picture.data as Uint8Array } } : {}),
    };
  });
}

const outputs = "test/fixtures/tiny-sdxl-outputs";
const conditioning = "test/fixtures/conditioning";
const conditioningIndex: Record<"runs" | "guidanceRanges" | "longRuns", StoredRun[]> = readJson(
  join(conditioning, "index.json"),
);
const samplerIndex: { runs: { request: GenerateRequest; latents: number[] }[] } = readJson(
  "test/fixtures/schedulers/runs.json",
);

/** Prompts, sizes, batches, seeds. */
export const plainRuns = storedRuns(outputs, readJson(join(outputs, "index.json")).runs, asDiffusersReads);

/** Guidance rescale, CLIP skip, all four prompts. */
export const conditioningRuns = storedRuns(conditioning, conditioningIndex.runs, asDiffusersReads);

/** Guidance on a part of the steps, against a loop of the reference's own: diffusers' pipelines cannot. */
export const guidanceRangeRuns = storedRuns(conditioning, conditioningIndex.guidanceRanges, {});

/** Weighted prompts of several chunks, against embeddings of the reference's own. */
export const longPromptRuns = storedRuns(conditioning, conditioningIndex.longRuns, {});

/** One run and more for every sampler. */
export const samplerRuns: RequestRun[] = samplerIndex.runs.map(({ request, latents }) => {
  const { scheduler, sigmas, sigmasList, timestepSpacing, eta } = request;
  return {
    name: JSON.stringify({ scheduler, sigmas, sigmasList, timestepSpacing, eta }),
    request: generateRequestSchema.parse(request),
    latents: { shape: [1, 4, 8, 8], data: latents },
  };
});

/** Draws a request with the tiny model and says how far its images are from diffusers', the worst of the batch. */
export async function compareRequestRun(run: RequestRun, models: TinyModels): Promise<RunDifference> {
  const { pipeline, folder } = models.model("tiny-sdxl");
  const difference: RunDifference = { latents: 0, ...(run.picture ? { pixels: 0 } : {}) };
  const count = run.latents.shape[0] ?? 0;
  const reference = Float32Array.from(run.latents.data);
  let drawn = 0;
  for await (const { index, latents, image } of drawImages(
    { base: pipeline },
    resolveRequest(run.request, folder),
  )) {
    drawn++;
    const latentsOfImage = partOf(reference, index, count);
    difference.latents = worst(difference.latents, relativeDifference(latents.data, latentsOfImage));
    if (!run.picture) continue;
    const pixels = largestDifference(image.data, partOf(run.picture.data, index, count));
    difference.pixels = worst(difference.pixels ?? 0, pixels);
  }
  if (drawn !== count) throw new Error(`${drawn} images were drawn instead of ${count}`);
  return difference;
}

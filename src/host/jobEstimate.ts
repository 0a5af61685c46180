import { nearestBucket } from "../images/aspectBuckets.ts";
import { readImageHead } from "../images/parametersReading.ts";
import { drawingMemory } from "../models/drawingMemory.ts";
import { findModel } from "../models/findModel.ts";
import type { ModelFolder } from "../models/modelFolder.ts";
import { listModels } from "../models/store/listModels.ts";
import { ModelStore } from "../models/store/modelStore.ts";
import type { estimateImages } from "../protocol/estimateImages.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { ParamsOf, ResultOf } from "../protocol/messageType.ts";
import type { Size } from "../protocol/size.ts";
import { resolveRequest } from "./resolveRequest.ts";
import type { StepTimes } from "./stepTimes.ts";

type Estimate = ResultOf<typeof estimateImages>;

/** Models of so few steps are offered instead of slow ones. */
const fewSteps = 8;

/** What a smaller drawing has of a size's sides. */
const shrinking = 0.75;

/** Sides below this draw nothing good with SDXL. */
const shortestSide = 512;

/** Whether a request is only drawn by one model at one size: what else it does was not measured. */
function isPlain({ refiner, upscale, maskCrop, grow }: GenerateRequest): boolean {
  return refiner === undefined && upscale === undefined && maskCrop === undefined && grow === undefined;
}

async function sizeOf(
  { size, images: [first] = [] }: GenerateRequest,
  { config }: ModelFolder,
): Promise<Size | undefined> {
  if (size || first === undefined) return size;
  return nearestBucket(await readImageHead(first), config);
}

function smallerThan({ width, height }: Size, { config }: ModelFolder): Size | undefined {
  if (config.fixedSize) return undefined;
  const multiple = Math.max(config.sizeMultiple, 64);
  const side = (length: number) => multiple * Math.round((length * shrinking) / multiple);
  const smaller = { width: side(width), height: side(height) };
  const isGood = Math.min(smaller.width, smaller.height) >= shortestSide;
  return isGood && smaller.width * smaller.height < width * height ? smaller : undefined;
}

/** The models that are here and draw from noise in few steps. */
async function fewStepModels(read: (path: string) => ModelFolder, own: string): Promise<string[]> {
  const models = (await listModels(new ModelStore())).filter(
    ({ name, type, state, role, origin }) =>
      type === "model" && state === "ready" && role === "base" && origin !== "built-in" && name !== own,
  );
  return models.flatMap(({ name }) => {
    try {
      const { steps } = read(findModel(name)).recommendation;
      return steps !== undefined && steps <= fewSteps ? [name] : [];
    } catch {
      // A model that is damaged is none to offer.
      return [];
    }
  });
}

/**
 * What a drawing will take, as far as it is known.
 * @param read gives a model's folder
 * @throws LimnerError for a request that cannot be drawn
 */
export async function estimateJob(
  { request, longerThan }: ParamsOf<typeof estimateImages>,
  times: StepTimes,
  read: (path: string) => ModelFolder,
): Promise<Estimate> {
  const unknown: Estimate = { fewStepModels: [] };
  if (!isPlain(request)) return unknown;
  const folder = read(findModel(request.model));
  const { size, seeds, base } = resolveRequest(request, folder, await sizeOf(request, folder));
  const perStep = await times.secondsOf({
    model: folder.name,
    device: request.device ?? "CPU",
    precision: request.precision ?? "auto",
    isGuided: base.guidanceScale > 1,
    size,
  });
  if (perStep === undefined) return unknown;
  const seconds = perStep * Math.ceil(base.steps * (base.strength ?? 1)) * seeds.length;
  if (seconds <= longerThan) return { ...unknown, seconds };
  return {
    seconds,
    memoryBytes: Math.round(await drawingMemory(folder, size)),
    // A picture to begin with has its own size.
    smaller: request.images ? undefined : smallerThan(size, folder),
    fewStepModels: base.steps > fewSteps ? await fewStepModels(read, folder.name) : [],
  };
}

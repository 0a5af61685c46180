// Image to image, inpainting and base + refiner against diffusers (test/reference/make_pipeline_fixtures.py), every
// run with the pictures and masks that diffusers was given.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { readImage } from "../../src/images/imageReading.ts";
import { type Mask, readMask } from "../../src/images/mask.ts";
import { type RgbImage, withoutAlpha } from "../../src/images/rgbImage.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { f32, type TensorOf } from "../../src/openvino/tensor.ts";
import { decodeImage } from "../../src/pipelines/imageDecoding.ts";
import { prepareStage, type StageParameters } from "../../src/pipelines/stage.ts";
import { rememberingEncoder, runStage, type StageSource } from "../../src/pipelines/stageRun.ts";
import type { Point, Size } from "../../src/protocol/size.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { largestDifference, relativeDifference } from "../support/difference.ts";
import { readFloats, readNpy } from "../support/npy.ts";

const fixtures = "test/fixtures/pipelines";

interface Request {
  prompt: string;
  prompt2?: string;
  negativePrompt?: string;
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
  mask?: string;
  strength?: number;
  denoisingStart?: number;
  denoisingEnd?: number;
  handoff?: number;
  refineStrength?: number;
}
interface Run {
  name: string;
  stages: { model: string; pipeline: "text-to-image" | "image-to-image" | "inpainting" }[];
  request: Request & Record<string, unknown>;
  latents: string;
  baseLatents?: string;
  picture?: string;
  preparedImage?: string;
  preparedMask?: string;
  innerPicture?: string;
}
const { runs }: { runs: Run[] } = JSON.parse(readFileSync(join(fixtures, "index.json"), "utf8"));

/** What requests cannot say: latents in the place of noise, changed configurations. */
const beyondRequests = [
  "timestepsList",
  "initialLatents",
  "maskedImageLatents",
  "vaeConfig",
  "schedulerConfig",
];
const comparable = runs.filter((run) => !beyondRequests.some((key) => key in run.request));

let folder: string;
let runtime: Runtime;
const models = new Map<string, OpenModel>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-stages-"));
  runtime = await openRuntime();
  for (const name of ["tiny-sdxl", "tiny-refiner", "tiny-inpaint"]) {
    const copy = join(folder, name);
    if (name !== "tiny-sdxl") cpSync("test/fixtures/tiny-sdxl", copy, { recursive: true });
    cpSync(join("test/fixtures", name), copy, { recursive: true });
    models.set(name, openModel(resolve(copy), runtime, { device: "CPU", precision: "f32" }));
  }
});

afterAll(async () => {
  for (const model of models.values()) await model.dispose();
  runtime?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function parametersOf({ stages, request }: Run, at: number): StageParameters {
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
  };
}

async function picture(file: string): Promise<RgbImage> {
  return withoutAlpha(await readImage(join(fixtures, "pictures", file)));
}

async function sourceOf(run: Run, image: number): Promise<StageSource> {
  const { request, preparedImage, preparedMask } = run;
  const maskFile = preparedMask ?? request.mask;
  const mask: Mask | undefined = maskFile ? await readMask(join(fixtures, "pictures", maskFile)) : undefined;
  if (request.imageLatents) {
    const { shape, data } = readFloats(join(fixtures, request.imageLatents));
    return { kind: "latents", latents: f32(shape, data), mask };
  }
  const names = [preparedImage ?? request.image ?? []].flat();
  const name = names[image % Math.max(names.length, 1)];
  return name ? { kind: "image", image: await picture(name), mask } : { kind: "noise", size: request.size };
}

/** Values of image `at` of a stored batch. */
function part<T extends Float32Array | Uint8Array>(data: T, at: number, count: number): T {
  const length = data.length / count;
  return data.slice(at * length, (at + 1) * length) as T;
}

describe("stages draw what diffusers draws", () => {
  it("compares nearly all of the runs", () => {
    expect(runs.length).toBeGreaterThanOrEqual(100);
    expect(comparable.length).toBeGreaterThan(90);
  });

  it.each(comparable)("$name", async (run) => {
    const { stages, request } = run;
    const { count, seed } = request;
    const prepared = [];
    for (const [at, stage] of stages.entries()) {
      const model = models.get(stage.model);
      if (!model) throw new Error(`there is no model ${stage.model}`);
      const ready = await prepareStage(model.pipeline, parametersOf(run, at), {});
      prepared.push({ ready, encode: rememberingEncoder(ready) });
    }
    for (let image = 0; image < count; image++) {
      let source = await sourceOf(run, image);
      const mask = source.kind === "noise" ? undefined : source.mask;
      const results: TensorOf<"f32">[] = [];
      for (const [at, { ready, encode }] of prepared.entries()) {
        const generator = new TorchGenerator(seed + image);
        const latents = await runStage(ready, source, generator, encode, {}, image);
        results.push(latents);
        source = {
          kind: "latents",
          latents,
          mask: stages[at + 1]?.pipeline === "inpainting" ? mask : undefined,
        };
      }
      const [first] = results;
      if (run.baseLatents && first) {
        const base = part(readFloats(join(fixtures, run.baseLatents)).data, image, count);
        expect(relativeDifference(first.data, base)).toBeLessThan(1e-3);
      }
      const last = results.at(-1);
      if (!last) throw new Error("no stage ran");
      const reference = part(readFloats(join(fixtures, run.latents)).data, image, count);
      expect(relativeDifference(last.data, reference)).toBeLessThan(1e-3);
      const pictureFile = run.innerPicture ?? run.picture;
      const pipeline = prepared.at(-1)?.ready.pipeline;
      if (!pictureFile || !pipeline) continue;
      const decoded = await pipeline.submodels.use("vae_decoder", (decoder) =>
        decodeImage(decoder, last, pipeline.config),
      );
      const expected = part(readNpy(join(fixtures, pictureFile)).data as Uint8Array, image, count);
      expect(largestDifference(decoded.data, expected)).toBeLessThanOrEqual(2);
    }
  });
});

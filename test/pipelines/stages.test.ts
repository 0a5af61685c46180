// Text to image, image to image, inpainting and base + refiner against diffusers, by every parameter of its pipelines.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { comparePipelineRun, pipelineRuns } from "../parity/pipelineRuns.ts";
import { type ConfigChanges, TinyModels } from "../parity/tinyModels.ts";
import { tolerances } from "../parity/tolerances.ts";
import { largestDifference } from "../support/difference.ts";

let models: TinyModels;

beforeAll(async () => {
  models = await TinyModels.open();
});

afterAll(async () => {
  await models?.dispose();
});

describe("stages draw what diffusers draws", () => {
  it.each(pipelineRuns)("$name", async (run) => {
    const { latents, pixels } = await comparePipelineRun(run, models);
    expect(latents).toBeLessThan(tolerances.latents);
    // A run that another model goes on from has no picture.
    if (run.request.denoisingEnd !== undefined) expect(pixels).toBeUndefined();
    else expect(pixels).toBeLessThanOrEqual(tolerances.pixels);
  });
});

const image = {
  width: 64,
  height: 64,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256),
};
const micro = { originalSize: image, cropsCoordsTopLeft: { x: 0, y: 0 }, targetSize: image };
const parameters = {
  prompt: "a red fox",
  micro,
  negativeMicro: micro,
  aestheticScore: 6,
  negativeAestheticScore: 2.5,
  steps: 2,
  guidanceScale: 1,
};

describe("base and refiner", () => {
  const otherScale = { vaeConfig: { scaling_factor: 0.05 } };

  async function drawnBy(base: ConfigChanges, refiner: ConfigChanges): Promise<Uint8Array> {
    const sources = {
      base: models.pipeline("tiny-sdxl", base),
      refiner: models.pipeline("tiny-refiner", refiner),
    };
    const stages = {
      base: { ...parameters, denoisingEnd: 0.5 },
      refine: { ...parameters, denoisingStart: 0.5 },
    };
    for await (const drawn of drawImages(sources, { size: image, seeds: [1], ...stages }))
      return drawn.image.data;
    throw new Error("nothing was drawn");
  }

  it("are decoded by the refiner, as in diffusers, where each pipeline has its VAE", async () => {
    const plain = await drawnBy({}, {});
    expect(await drawnBy(otherScale, {})).toEqual(plain);
    expect(largestDifference(await drawnBy({}, otherScale), plain)).toBeGreaterThan(20);
  });
});

describe("inpainting with a VAE that has statistics", () => {
  const mask = { width: 64, height: 64, data: new Uint8Array(64 * 64) };
  const vaeConfig = { latents_mean: [0.1, -0.4, 0.3, 0.2], latents_std: [1.4, 0.8, 1.1, 0.9] };

  /** The picture where nothing is repainted: what the VAE makes of it. */
  async function kept(changes: ConfigChanges, plainInpaintingScale: boolean): Promise<Uint8Array> {
    const pipeline = models.pipeline("tiny-sdxl", changes);
    const base = { ...parameters, strength: 0.5, plainInpaintingScale };
    const drawing = drawImages(
      { base: pipeline, pictures: [{ image, mask }] },
      { size: image, seeds: [1], base },
    );
    for await (const drawn of drawing) return drawn.image.data;
    throw new Error("nothing was drawn");
  }

  it("keeps the colors of what is not repainted, which diffusers does not", async () => {
    const plain = await kept({}, false);
    expect(largestDifference(await kept({ vaeConfig }, false), plain)).toBeLessThanOrEqual(1);
    expect(largestDifference(await kept({ vaeConfig }, true), plain)).toBeGreaterThan(20);
  });
});

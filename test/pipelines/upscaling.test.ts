// Enlarging on the tiny random pipeline, in f32.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { fitImage } from "../../src/images/fitting.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";
import type { Picture } from "../../src/pipelines/drawing.ts";
import { type DrawnImage, type DrawParameters, drawImages } from "../../src/pipelines/drawing.ts";
import { enlargedSize } from "../../src/pipelines/upscaling.ts";
import type { GenerateRequest } from "../../src/protocol/generateRequest.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { relativeDifference } from "../support/difference.ts";

let models: TinyModels;
let model: OpenModel;

beforeAll(async () => {
  models = await TinyModels.open();
  model = models.model("tiny-sdxl");
});

afterAll(() => models?.dispose());

/** A smooth picture: what has steps in the end was not in it. */
function gradient(width: number, height: number): RgbImage {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return [(pixel % width) / width, Math.floor(pixel / width) / height, 0.5][at % 3] * 255;
  });
  return { width, height, data };
}

function parametersOf(request: Omit<GenerateRequest, "prompt">, size?: { width: number; height: number }) {
  return resolveRequest({ prompt: "a cat", seed: 11, steps: 4, ...request }, model.folder, size);
}

async function draw(parameters: DrawParameters, pictures?: readonly Picture[], base = model.pipeline) {
  const drawn: DrawnImage[] = [];
  const plans: number[] = [];
  const stages: string[] = [];
  const hooks = {
    onPlan: (steps: number) => plans.push(steps),
    onStage: (stage: string, _: number, step: number) => stages.push(`${stage} ${step}`),
  };
  for await (const image of drawImages({ base, pictures }, parameters, hooks)) drawn.push(image);
  const [first] = drawn;
  if (!first) throw new Error("nothing was drawn");
  return { ...first, plans, stages, count: drawn.length };
}

/** The parameters with windows of another size. */
function withWindow(parameters: DrawParameters, length: number): DrawParameters {
  const { upscale } = parameters;
  if (!upscale) throw new Error("nothing is enlarged");
  const unetWindow = { width: length, height: length };
  return { ...parameters, upscale: { ...upscale, stage: { ...upscale.stage, unetWindow } } };
}

// Minutes, for machines that are busy many times over.
describe("an enlarged picture", { timeout: 300_000 }, () => {
  it("seen through one window is image to image of the resampled picture", async () => {
    const small = gradient(48, 32);
    const parameters = withWindow(
      parametersOf({ images: ["a"], upscale: 2, upscaleStrength: 0.5 }, small),
      96,
    );
    const { image, latents, plans, stages } = await draw(parameters, [{ image: small }]);
    expect([image.width, image.height]).toEqual([96, 64]);
    expect(latents.shape).toEqual([
      1,
      4,
      64 / model.folder.config.vaeScaleFactor,
      96 / model.folder.config.vaeScaleFactor,
    ]);
    expect(plans).toEqual([2]);
    expect(stages).toEqual(["encode 0", "denoise 0", "denoise 1", "denoise 2"]);

    const large = await fitImage(small, { width: 96, height: 64 }, "stretch");
    const plain = parametersOf({ images: ["a"], strength: 0.5 }, large);
    const upscaled = parameters.upscale?.stage;
    const { micro = plain.base.micro, negativeMicro = plain.base.negativeMicro } = upscaled ?? {};
    const expected = await draw({ ...plain, base: { ...plain.base, micro, negativeMicro } }, [
      { image: large },
    ]);
    expect(relativeDifference(latents.data, expected.latents.data)).toBeLessThan(1e-4);
    expect(image).toEqual(expected.image);
  });

  it("is drawn first, and then through several windows; each seed gives one picture", async () => {
    const size = { width: 64, height: 32 };
    const run = (seed: number) => draw(withWindow(parametersOf({ seed, upscale: 1.5 }, size), 32));
    const first = await run(3);
    expect([first.image.width, first.image.height]).toEqual([96, 48]);
    // Four steps to draw, 30 % of four to enlarge.
    expect(first.plans).toEqual([5]);
    expect(first.stages.filter((stage) => stage.startsWith("denoise")).at(-1)).toBe("denoise 5");
    expect(await run(3)).toEqual(first);
    expect((await run(4)).image.data).not.toEqual(first.image.data);
  });

  it("has exactly the size that was asked for where the model's sizes do not fit", async () => {
    const small = gradient(31, 22);
    const { image } = await draw(parametersOf({ images: ["a"], upscale: 1.5 }, small), [{ image: small }]);
    expect([image.width, image.height]).toEqual([47, 33]);
    expect(enlargedSize(small, 1.5, 16).drawn).toEqual({ width: 48, height: 48 });
  });

  it("shows no seams between windows", async () => {
    const small = gradient(64, 64);
    const parameters = withWindow(
      parametersOf({ images: ["a"], upscale: 2, upscaleStrength: 0.75 }, small),
      64,
    );
    const { latents } = await draw(parameters, [{ image: small }]);
    // Columns at which windows of a 4th overlapping begin and end, in latents.
    const [, channels = 0, rows = 0, columns = 0] = latents.shape;
    const window = 64 / model.folder.config.vaeScaleFactor;
    const edges = new Set([
      columns - window,
      window,
      Math.round((columns - window) / 2),
      Math.round((columns + window) / 2),
    ]);
    const jump = (column: number) => {
      let sum = 0;
      for (let row = 0; row < channels * rows; row++) {
        const at = row * columns + column;
        sum += Math.abs((latents.data[at] ?? 0) - (latents.data[at - 1] ?? 0));
      }
      return sum / (channels * rows);
    };
    const all = Array.from({ length: columns - 1 }, (_, column) => column + 1);
    const mean = (list: number[]) => list.reduce((sum, column) => sum + jump(column), 0) / list.length;
    const atEdges = mean(all.filter((column) => edges.has(column)));
    expect(atEdges / mean(all.filter((column) => !edges.has(column)))).toBeLessThan(1.25);
  });
});

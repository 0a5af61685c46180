// Decoding and encoding in tiles against the whole network, on the box model and on the tiny random pipeline, in f32.
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenModel, openModel } from "../../../src/host/openModel.ts";
import { resolveRequest } from "../../../src/host/resolveRequest.ts";
import { type RgbImage, toPlanes } from "../../../src/images/rgbImage.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32, type TensorOf } from "../../../src/openvino/tensor.ts";
import { drawImages } from "../../../src/pipelines/drawing.ts";
import type { Pipeline } from "../../../src/pipelines/pipeline.ts";
import { decodeLatents, encodePicture } from "../../../src/pipelines/tiles/vae.ts";
import { TorchGenerator } from "../../../src/random/torchGenerator.ts";
import { psnr } from "../../support/psnr.ts";

const folders = { "limner-tiny": "models/limner-tiny", "tiny-sdxl": "test/fixtures/tiny-sdxl" } as const;
type ModelName = keyof typeof folders;
const names = Object.keys(folders) as ModelName[];

let runtime: Runtime;
const models = new Map<ModelName, OpenModel>();

beforeAll(async () => {
  runtime = await openRuntime();
  for (const name of names)
    models.set(name, openModel(resolve(folders[name]), runtime, { device: "CPU", precision: "f32" }));
});

afterAll(async () => {
  for (const model of models.values()) await model.dispose();
  runtime?.dispose();
});

function model(name: ModelName): OpenModel {
  const found = models.get(name);
  if (!found) throw new Error(`there is no model ${name}`);
  return found;
}

/** Tiles of 8x8 latents, a fourth of what SDXL's own VAE is given: the smaller, the less a tile knows. */
const small = { wholePixels: 0, length: 64 };

/** A pipeline whose VAE sees pictures in tiles, and the ways in which it was split. */
function inTiles({ submodels, ...pipeline }: Pipeline): { pipeline: Pipeline; splits: string[] } {
  const splits: string[] = [];
  const watched: Pipeline["submodels"] = {
    use: (submodel, task, needs) => {
      splits.push(`${submodel} whole`);
      return submodels.use(submodel, task, needs);
    },
    useSplit: (submodel, needs, task) => {
      splits.push(`${submodel} ${needs.wholeScalings}`);
      return submodels.useSplit(submodel, needs, task);
    },
  };
  return { pipeline: { ...pipeline, submodels: watched, vaeTiles: small }, splits };
}

function randomLatents(height: number, width: number, seed = 1): TensorOf<"f32"> {
  return f32([1, 4, height, width], new TorchGenerator(seed).randn(4 * height * width));
}

/** Colored disks and bars: flat areas and sharp edges, unevenly spread. */
function figures(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const inDisk = Math.hypot(x - width * 0.3, y - height * 0.35) < height * 0.25;
    const inBar = x > width * 0.6 && y % 40 < 12;
    data.set(
      inDisk ? [220, 30, 40] : inBar ? [20, 40, 200] : [240, 240, Math.floor((255 * y) / height)],
      pixel * 3,
    );
  }
  return { width, height, data };
}

// Minutes, for machines that are busy many times over.
describe("a VAE that sees tiles", { timeout: 300_000 }, () => {
  it.each(names)("%s decodes random latents as the whole network does", async (name) => {
    const { pipeline, splits } = inTiles(model(name).pipeline);
    const latents = randomLatents(24, 32);
    const whole = await decodeLatents(model(name).pipeline, latents);
    const tiled = await decodeLatents(pipeline, latents);
    expect(splits).toEqual(["vae_decoder 1"]);
    expect([tiled.width, tiled.height]).toEqual([whole.width, whole.height]);
    expect(psnr(tiled.data, whole.data, 255)).toBeGreaterThan(50);
  });

  it("decodes what the model in the box has drawn as the whole network does", async () => {
    const { folder, pipeline } = model("limner-tiny");
    const size = { width: 192, height: 128 };
    const request = { prompt: "a red circle and a blue square", size, seed: 7, steps: 4 };
    const drawing = drawImages({ base: pipeline }, resolveRequest(request, folder));
    for await (const { latents, image } of drawing) {
      const tiled = await decodeLatents(inTiles(pipeline).pipeline, latents);
      expect(psnr(tiled.data, image.data, 255)).toBeGreaterThan(46);
    }
  });

  it.each(names)("%s encodes a picture as the whole network does", async (name) => {
    const image = figures(256, 192);
    const sample = f32([1, 3, 192, 256], toPlanes(image));
    const { pipeline, splits } = inTiles(model(name).pipeline);
    const whole = await encodePicture(model(name).pipeline, sample);
    const tiled = await encodePicture(pipeline, sample);
    expect(splits).toEqual(["vae_encoder 1"]);
    expect(tiled.shape).toEqual(whole.shape);
    const range = whole.mean.reduce((a, b) => Math.max(a, b)) - whole.mean.reduce((a, b) => Math.min(a, b));
    expect(psnr(tiled.mean, whole.mean, range)).toBeGreaterThan(46);
  });

  it("decodes an encoded picture as the whole network does", async () => {
    const image = figures(192, 256);
    const { pipeline } = model("limner-tiny");
    const { shape, mean } = await encodePicture(pipeline, f32([1, 3, 256, 192], toPlanes(image)));
    const latents = f32(
      shape,
      mean.map((value) => value * pipeline.config.scalingFactor),
    );
    const whole = await decodeLatents(pipeline, latents);
    const tiled = await decodeLatents(inTiles(pipeline).pipeline, latents);
    expect(psnr(tiled.data, whole.data, 255)).toBeGreaterThan(46);
  });

  it("goes whole up to the limit", async () => {
    const { pipeline, splits } = inTiles(model("tiny-sdxl").pipeline);
    await decodeLatents(
      { ...pipeline, vaeTiles: { wholePixels: 128 * 128, length: 64 } },
      randomLatents(16, 16),
    );
    await encodePicture(
      { ...pipeline, vaeTiles: { wholePixels: 128 * 128, length: 64 } },
      f32([1, 3, 128, 128], new Float32Array(3 * 128 * 128)),
    );
    expect(splits).toEqual(["vae_decoder whole", "vae_encoder whole"]);
  });
});

describe("a picture that tiles, decoded in tiles", { timeout: 300_000 }, () => {
  it("moves with its latents around its edges", async () => {
    const { pipeline } = inTiles(model("tiny-sdxl").pipeline);
    const [height, width, right] = [16, 32, 12];
    const latents = randomLatents(height, width);
    const moved = f32(
      latents.shape,
      latents.data.map(
        (_, i) => latents.data[i - (i % width) + (((i % width) + width - right) % width)] ?? 0,
      ),
    );
    const still = await decodeLatents(pipeline, latents, { tile: "x" });
    const after = await decodeLatents(pipeline, moved, { tile: "x" });
    const columns = 8 * width;
    const expected = still.data.map((_, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const x = ((pixel % columns) + columns - 8 * right) % columns;
      return still.data[3 * (pixel - (pixel % columns) + x) + channel] ?? 0;
    });
    expect(psnr(after.data, expected, 255)).toBeGreaterThan(50);
    const withEdges = await decodeLatents(pipeline, moved);
    expect(psnr(withEdges.data, expected, 255)).toBeLessThan(40);
  });
});

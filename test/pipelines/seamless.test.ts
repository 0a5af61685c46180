// Pictures that tile: rolled latents give the same picture, rolled.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";
import type { CompiledModel } from "../../src/openvino/runtime.ts";
import { elementCount, f32, type TensorOf } from "../../src/openvino/tensor.ts";
import { denoise } from "../../src/pipelines/denoisingLoop.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { decodeImage } from "../../src/pipelines/imageDecoding.ts";
import { createUnet } from "../../src/pipelines/noisePrediction.ts";
import { rememberingEncoder } from "../../src/pipelines/rememberingEncoder.ts";
import { prepareStage } from "../../src/pipelines/stage.ts";
import type { TileAxes } from "../../src/protocol/generateRequest.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { largestDifference, relativeDifference } from "../support/difference.ts";

const size = { width: 96, height: 64 };

let models: TinyModels;
let model: OpenModel;

beforeAll(async () => {
  models = await TinyModels.open();
  model = models.model("tiny-sdxl");
});

afterAll(() => models?.dispose());

/** Values of `[planes, height, width]` moved to the right and down, round the edges. */
function rolled<T extends Float32Array | Uint8Array>(
  values: T,
  { width, height }: { width: number; height: number },
  { right, down }: { right: number; down: number },
  channels = 1,
): T {
  const result = values.slice() as T;
  const plane = width * height * channels;
  for (const [i, value] of values.entries()) {
    const within = i % plane;
    const [channel, x, y] = [
      within % channels,
      Math.floor(within / channels) % width,
      Math.floor(within / channels / width),
    ];
    const to = ((y + down) % height) * width + ((x + right) % width);
    result[i - within + to * channels + channel] = value;
  }
  return result;
}

async function draw(latents: TensorOf<"f32">, tile: TileAxes | undefined): Promise<RgbImage> {
  const { base } = resolveRequest({ prompt: "a stone wall", steps: 3, size, tile }, model.folder);
  const { scheduler, positive, negative, part } = await prepareStage(model.pipeline, base, {});
  const { submodels, config } = model.pipeline;
  const run = async (compiled: CompiledModel) => {
    const unet = createUnet(compiled);
    try {
      const { guidanceScale } = base;
      const noise = () => new Float32Array(latents.data.length);
      return await denoise({ unet, scheduler, part, latents, positive, negative, guidanceScale, noise });
    } finally {
      unet.dispose();
    }
  };
  const drawn = await submodels.use("unet", run, { tile });
  return submodels.use("vae_decoder", (decoder) => decodeImage(decoder, drawn, config), { tile });
}

describe("a seamless picture", () => {
  const factor = 8;
  const latentSize = { width: size.width / factor, height: size.height / factor };
  const shape = [1, 4, latentSize.height, latentSize.width];
  // One step of the UNet's total downsampling, in latents.
  const step = 4;

  const moves = [
    ["x", { right: step, down: 0 }],
    ["y", { right: 0, down: step }],
    ["xy", { right: step, down: step }],
  ] as const;
  const noise = new TorchGenerator(11).randn(elementCount(shape)).map((value) => value * 10);

  /** How far the picture of rolled latents is from the rolled picture, in levels. */
  async function unlike(axes: TileAxes | undefined, by: { right: number; down: number }): Promise<number> {
    const plain = await draw(f32(shape, noise), axes);
    const expected = rolled(plain.data, size, { right: by.right * factor, down: by.down * factor }, 3);
    return largestDifference((await draw(f32(shape, rolled(noise, latentSize, by)), axes)).data, expected);
  }

  it.each(moves)("rolls with its latents along %s", async (tile, by) => {
    expect(await unlike(tile, by)).toBeLessThanOrEqual(2);
  });

  it("does not do so by itself", async () => {
    expect(await unlike(undefined, { right: step, down: step })).toBeGreaterThan(20);
  });

  it("is encoded with its edges next to each other", async () => {
    const data = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => (i * 7919) % 256);
    const encoded = async (pixels: Uint8Array, tile?: TileAxes) => {
      const { base } = resolveRequest({ prompt: "", size, tile }, model.folder);
      const encode = rememberingEncoder(await prepareStage(model.pipeline, base, {}));
      return (await encode({ ...size, data: pixels })).mean;
    };
    const by = { right: step, down: 0 };
    const moved = rolled(data, size, { right: step * factor, down: 0 }, 3);
    const unlike = async (tile?: TileAxes) =>
      relativeDifference(await encoded(moved, tile), rolled(await encoded(data, tile), latentSize, by));
    expect(await unlike("x")).toBeLessThan(1e-3);
    expect(await unlike()).toBeGreaterThan(0.05);
  });

  it("is drawn by a request, the refiner's part too, and with samplers of fractional timesteps", async () => {
    const request = { prompt: "a stone wall", steps: 3, size, seed: 4 } as const;
    const drawn = async (more: object) => {
      const parameters = resolveRequest({ ...request, ...more }, model.folder);
      for await (const { image } of drawImages({ base: model.pipeline }, parameters)) return image.data;
      return new Uint8Array();
    };
    const karras = { scheduler: "euler", sigmas: "karras" };
    const tiled = await drawn({ tile: "x" });
    expect(await drawn({ tile: "x" })).toEqual(tiled);
    expect(largestDifference(tiled, await drawn({}))).toBeGreaterThan(20);
    expect(largestDifference(await drawn({ tile: "x", ...karras }), await drawn(karras))).toBeGreaterThan(20);
  });
});

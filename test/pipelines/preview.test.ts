import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { latentPreview, sdxlLatentRgb } from "../../src/images/latentPreview.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { decodeImage } from "../../src/pipelines/imageDecoding.ts";
import { previewOf } from "../../src/pipelines/preview.ts";
import { TorchGenerator } from "../../src/random/torchGenerator.ts";

let folder: string;
let runtime: Runtime;
let plain: OpenModel;
let withDecoder: OpenModel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-preview-"));
  cpSync("test/fixtures/tiny-sdxl", folder, { recursive: true });
  // Any decoder of latents will do.
  cpSync(join(folder, "vae_decoder"), join(folder, "taesd_decoder"), { recursive: true });
  runtime = await openRuntime();
  const execution = { device: "CPU", precision: "f32" } as const;
  plain = openModel(join(process.cwd(), "test/fixtures/tiny-sdxl"), runtime, execution);
  withDecoder = openModel(folder, runtime, execution);
});

afterAll(async () => {
  await plain?.dispose();
  await withDecoder?.dispose();
  runtime?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const latents = f32([1, 4, 4, 6], new TorchGenerator(3).randn(96));

it("is a linear map of the latents, one pixel each", async () => {
  expect(await previewOf(plain.pipeline, latents)).toEqual(latentPreview(latents, sdxlLatentRgb));
});

it("is a tiny decoder's picture where the folder has one, of the latents as they are", async () => {
  const preview = await previewOf(withDecoder.pipeline, latents);
  const { submodels, config } = plain.pipeline;
  const unscaled = { ...config, scalingFactor: 1 };
  const expected = await submodels.use("vae_decoder", (decoder) => decodeImage(decoder, latents, unscaled));
  expect(preview).toEqual(expected);
  expect([preview?.width, preview?.height]).toEqual([48, 32]);
});

it("is none where the latents have other channels than the map", async () => {
  const { config, ...pipeline } = plain.pipeline;
  expect(
    await previewOf({ ...pipeline, config: { ...config, latentChannels: 16 } }, latents),
  ).toBeUndefined();
});

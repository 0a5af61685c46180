import type { RgbImage } from "../../images/rgbImage.ts";
import type { CompiledModel } from "../../openvino/runtime.ts";
import type { TensorOf } from "../../openvino/tensor.ts";
import type { TileAxes } from "../../protocol/generateRequest.ts";
import { LimnerError } from "../../protocol/limnerError.ts";
import { decodeImage, toPixels } from "../imageDecoding.ts";
import { distributionOf, encodePlanes, type LatentDistribution } from "../imageEncoding.ts";
import { toVaeScale } from "../latentScale.ts";
import type { Pipeline, VaeTiles } from "../pipeline.ts";
import type { SplitNeeds, VaeName } from "../submodels.ts";
import { runTiles, type Tiling } from "./tileRun.ts";

/** SDXL's own sizes have about a million pixels. They go whole: 4.6 GiB at most, where tiles take three times as long. */
export const defaultVaeTiles: VaeTiles = { wholePixels: 1_250_000, length: 256 };

/** What a VAE is asked for beside the picture. */
export interface VaeOptions {
  signal?: AbortSignal;
  /** Axes along which the picture continues at its opposite edge. */
  tile?: TileAxes;
}

/** How a picture goes through a VAE in two parts. */
interface VaePlan {
  needs: SplitNeeds;
  tiling: Tiling;
}

/** @returns nothing where the picture goes whole */
function planOf(
  { config, vaeTiles: { wholePixels, length } = defaultVaeTiles }: Pipeline,
  [, , rows = 0, columns = 0]: readonly number[],
  tile: TileAxes | undefined,
): VaePlan | undefined {
  const factor = config.vaeScaleFactor;
  if (rows * columns * factor * factor <= wholePixels) return undefined;
  // As many scalings stay in the whole part as leave its tensors no larger than a tile's: what they reach around a
  // tile is then not computed twice.
  const most = Math.log2(factor) - 1;
  let wholeScalings = 0;
  while (wholeScalings < most && rows * columns * 4 ** (wholeScalings + 1) <= length * length)
    wholeScalings++;
  const wraps = { x: tile?.includes("x") ?? false, y: tile?.includes("y") ?? false };
  const longest = Math.max(1, Math.floor((length / factor) * 2 ** wholeScalings));
  return { needs: { wholeScalings, tile }, tiling: { longest, wraps } };
}

/** Runs the part of a network that sees the whole picture. */
async function runWhole(
  model: CompiledModel,
  sample: TensorOf<"f32">,
  names: { input: string; output: string },
  signal: AbortSignal | undefined,
): Promise<TensorOf<"f32">> {
  const request = model.createInferRequest();
  try {
    const outputs = await request.infer({ [names.input]: sample }, { signal, outputs: [names.output] });
    const output = outputs[names.output];
    if (output?.type === "f32") return output;
    throw new LimnerError(
      "model-damaged",
      `The VAE gives no floats for ${names.output}. Get the model again.`,
    );
  } finally {
    request.dispose();
  }
}

/** A network that cannot be split runs whole. */
async function tiledOrWhole<T>(tiled: () => Promise<T>, whole: () => Promise<T>): Promise<T> {
  try {
    return await tiled();
  } catch (error) {
    if (error instanceof LimnerError && error.code === "model-unsupported") return whole();
    throw error;
  }
}

/**
 * Decodes latents to a picture, in tiles where it is large.
 * @param latents `[1, latent channels, height/8, width/8]`, as the denoising loop ends with them
 */
export function decodeLatents(
  pipeline: Pipeline,
  latents: TensorOf<"f32">,
  { signal, tile }: VaeOptions = {},
): Promise<RgbImage> {
  const { submodels, config } = pipeline;
  const name: VaeName = "vae_decoder";
  const [, , rows = 0, columns = 0] = latents.shape;
  const size = { width: columns * config.vaeScaleFactor, height: rows * config.vaeScaleFactor };
  const whole = () =>
    submodels.use(name, (model) => decodeImage(model, latents, config, signal), { tile, size, signal });
  const plan = planOf(pipeline, latents.shape, tile);
  if (!plan) return whole();
  const tiled = () =>
    submodels.useSplit(name, { ...plan.needs, signal }, async ({ whole: first, tiles }) => {
      const names = { input: "latent_sample", output: tiles.names.input };
      const features = await runWhole(first, toVaeScale(latents, config), names, signal);
      return toPixels(await runTiles(tiles, features, plan.tiling, signal));
    });
  return tiledOrWhole(tiled, whole);
}

/**
 * Encodes a picture, in tiles where it is large.
 * @param sample `[1, 3, height, width]`, −1 to 1
 */
export function encodePicture(
  pipeline: Pipeline,
  sample: TensorOf<"f32">,
  { signal, tile }: VaeOptions = {},
): Promise<LatentDistribution> {
  const { submodels, config } = pipeline;
  const name: VaeName = "vae_encoder";
  const [, , height = 0, width = 0] = sample.shape;
  const whole = () =>
    submodels.use(name, (model) => encodePlanes(model, sample, signal), {
      tile,
      size: { width, height },
      signal,
    });
  const latents = [1, config.latentChannels, height / config.vaeScaleFactor, width / config.vaeScaleFactor];
  const plan = planOf(pipeline, latents, tile);
  if (!plan) return whole();
  const tiled = () =>
    submodels.useSplit(name, { ...plan.needs, signal }, async ({ whole: last, tiles }) => {
      const features = await runTiles(tiles, sample, plan.tiling, signal);
      const names = { input: tiles.names.output, output: "latent_parameters" };
      return distributionOf(await runWhole(last, features, names, signal));
    });
  return tiledOrWhole(tiled, whole);
}

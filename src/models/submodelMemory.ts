import { stat } from "node:fs/promises";
import { readIr } from "../graph/ir/readIr.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import { defaultVaeTiles } from "../pipelines/tiles/vae.ts";
import type { Size } from "../protocol/size.ts";
import type { ModelFolder } from "./modelFolder.ts";
import type { NetworkSizes } from "./networkSizes.ts";
import { tallyWeights, type WeightTally } from "./weightTally.ts";

// The figures below are fitted to what bench/memory/measure.ts printed for SDXL at full size and for the model in the
// box; docs/performance.md has both beside each other. What counts is memory of the process's own: mapped files, such
// as the `.bin`, the system takes back when it needs to.

/** What a submodel takes of a CPU's memory, in bytes. */
export interface SubmodelMemory {
  /** Weights and the compiled graph. */
  resident: number;
  /** What a run for a picture of a size adds; OpenVINO keeps it until the submodel is dropped. */
  working(size: Size): number;
}

/** How the device computes. */
export interface Kernels {
  /** Bytes of the floats it computes with: 4, or 2 where it has bfloat16 or half floats and may use them. */
  floatBytes: 2 | 4;
  /** Whether the compiled model comes from OpenVINO's cache: the floats made of weights are then in the mapped file. */
  fromCache: boolean;
}

/** The compiled graph, by node of the IR. */
const bytesPerNode = 30 * 1024;

/** Of an IR with a `.bin` up to this size the graph is not read: a bound is close enough. */
const smallModel = 16 * 2 ** 20;

/** What even the smallest graph takes: kernels that were generated, buffers of each thread. */
const smallestGraph = 24 * 2 ** 20;

/**
 * Floats that are alive at once in a run, as multiples of the channels at full resolution for each pixel (of the
 * latents for the UNet, of the picture for the VAE).
 */
const livingFloats = { unet: 68, vae_encoder: 4.5, vae_decoder: 8.5 };

/** Channels of TAESD's decoder, which are the same in all of its layers. */
const taesdChannels = 64;

function weightBytes(tally: WeightTally, { floatBytes, fromCache }: Kernels): number {
  // What is expanded is made when the graph is compiled, and once more in the order that kernels like at the first run.
  const expanded = tally.expandedValues * (fromCache ? 1 : 2);
  return tally.packedBytes + (tally.floatValues + expanded) * floatBytes;
}

/** What is told of memory: a CPU that computes in float32 and has nothing compiled yet. */
export const float32Kernels: Kernels = { floatBytes: 4, fromCache: false };

/** Tallies by `.xml`, size and time of its `.bin`: the UNet's takes half a second. */
const tallies = new Map<string, Promise<WeightTally>>();

/** An IR's weights, wherever it is. */
export interface IrWeights {
  /** The size of the `.bin`. */
  readonly binBytes: number;
  /** Asked for of large ones only. */
  tally(): Promise<WeightTally>;
}

async function residentBytes({ binBytes, tally }: IrWeights, kernels: Kernels): Promise<number> {
  // All of it 8-bit weights of convolutions would become this.
  if (binBytes <= smallModel)
    return smallestGraph + binBytes * kernels.floatBytes * (kernels.fromCache ? 1 : 2);
  const known = await tally();
  return weightBytes(known, kernels) + known.nodes * bytesPerNode;
}

async function weightsOnDisk(xml: string): Promise<IrWeights> {
  const bin = await stat(xml.replace(/\.xml$/, ".bin"));
  const key = `${xml} ${bin.size} ${bin.mtimeMs}`;
  const tally = () => {
    const known = tallies.get(key) ?? readIr(xml).then(tallyWeights);
    tallies.set(key, known);
    known.catch(() => tallies.delete(key));
    return known;
  };
  return { binBytes: bin.size, tally };
}

/** What a run's memory goes with, beside the picture. */
type RunSizes = Pick<NetworkSizes, "channels" | "vaeScaleFactor">;

/** Bytes that a run takes for a picture. */
function workingBytes(
  { channels, vaeScaleFactor }: RunSizes,
  submodel: SubmodelName,
  size: Size,
  floatBytes: number,
): number {
  const pixels = size.width * size.height;
  // Larger pictures go through the VAE in tiles, which take less.
  const vaePixels = Math.min(pixels, defaultVaeTiles.wholePixels);
  switch (submodel) {
    case "text_encoder":
    case "text_encoder_2":
      return 0;
    case "unet":
      return (pixels / vaeScaleFactor ** 2) * channels.unet * livingFloats.unet * floatBytes;
    case "vae_encoder":
      return vaePixels * channels.vae * livingFloats.vae_encoder * floatBytes;
    case "vae_decoder":
      return vaePixels * channels.vae * livingFloats.vae_decoder * floatBytes;
    case "taesd_decoder":
      return pixels * taesdChannels * livingFloats.vae_decoder * floatBytes;
  }
}

/**
 * What a submodel will take of the memory of a process that runs it on a CPU.
 * @throws LimnerError where the IR cannot be read
 */
export async function submodelMemory(
  model: ModelFolder,
  submodel: SubmodelName,
  kernels: Kernels,
): Promise<SubmodelMemory> {
  const { channels, config } = model;
  const sizes = { channels, vaeScaleFactor: config.vaeScaleFactor };
  return memoryOfIr(sizes, submodel, await weightsOnDisk(model.xml(submodel)), kernels);
}

/** As `submodelMemory`, of an IR that need not be on this machine. */
export async function memoryOfIr(
  sizes: RunSizes,
  submodel: SubmodelName,
  weights: IrWeights,
  kernels: Kernels,
): Promise<SubmodelMemory> {
  return {
    resident: await residentBytes(weights, kernels),
    working: (size) => workingBytes(sizes, submodel, size, kernels.floatBytes),
  };
}

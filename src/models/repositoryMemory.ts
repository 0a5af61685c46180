import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { openCheckpoint } from "../checkpoints/openCheckpoint.ts";
import { submodelNames } from "../convert/conversion.ts";
import { asLimnerError } from "../convert/conversionError.ts";
import { defaultGroupSize } from "../convert/convertModel.ts";
import { submodelGraph } from "../convert/submodelConversion.ts";
import { networkOf } from "../convert/submodelJob.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { binSize } from "../graph/ir/writeIr.ts";
import {
  type Recommendation,
  recommendationSchema,
  unetConfigSchema,
  vaeConfigSchema,
} from "./configSchemas.ts";
import type { MemoryNeed } from "./memoryNeed.ts";
import { needOf } from "./memoryRefusal.ts";
import { type NetworkSizes, networkSizes } from "./networkSizes.ts";
import { parsePythonJson } from "./pythonJson.ts";
import type { ReadBytes } from "./remoteHeader.ts";
import { type RepositoryExcerpt, withExcerpt } from "./repositoryExcerpt.ts";
import { irSubmodels } from "./repositoryFiles.ts";
import type { RepositoryKind } from "./repositoryKind.ts";
import type { ConversionWishes } from "./store/modelWork.ts";
import { float32Kernels, type IrWeights, memoryOfIr, type SubmodelMemory } from "./submodelMemory.ts";
import { tallyWeights } from "./weightTally.ts";

async function readConfig(folder: string, ...path: string[]): Promise<unknown> {
  return parsePythonJson(await readFile(join(folder, ...path), "utf8"));
}

async function needOfIr(
  { folder, wholeSizes }: RepositoryExcerpt,
  recommendation: Recommendation,
): Promise<MemoryNeed> {
  const own = existsSync(join(folder, "limner.json"))
    ? recommendationSchema.parse(await readConfig(folder, "limner.json"))
    : recommendation;
  const sizes = networkSizes(
    unetConfigSchema.parse(await readConfig(folder, "unet", "config.json")),
    vaeConfigSchema.parse(await readConfig(folder, "vae_decoder", "config.json")),
    own,
  );
  const memories: SubmodelMemory[] = [];
  for (const name of irSubmodels) {
    const file = (extension: string) => join(folder, name, `openvino_model.${extension}`);
    const binBytes = wholeSizes.get(file("bin"));
    if (binBytes === undefined) continue;
    const tally = async () => tallyWeights(await readIr(file("xml"), file("bin"), binBytes));
    memories.push(await memoryOfIr(sizes, name, { binBytes, tally }, float32Kernels));
  }
  return needAt(sizes, memories);
}

function needAt({ defaultSize }: NetworkSizes, memories: readonly SubmodelMemory[]): MemoryNeed {
  return { memoryBytes: needOf(memories, defaultSize), size: defaultSize };
}

/** The need of what a checkpoint will be converted to: its graphs are built, and nothing of them is written. */
async function needOfCheckpoint(
  checkpoint: Checkpoint,
  recommendation: Recommendation,
  { weights = "int8", groupSize = defaultGroupSize }: ConversionWishes,
): Promise<MemoryNeed> {
  const sizes = networkSizes(
    unetConfigSchema.parse(checkpoint.unet.config),
    vaeConfigSchema.parse(checkpoint.vae.config),
    recommendation,
  );
  const memories: SubmodelMemory[] = [];
  for (const submodel of submodelNames) {
    if (!networkOf(checkpoint, submodel)) continue;
    const graph = submodelGraph(checkpoint, { submodel, weights, groupSize });
    const ir: IrWeights = { binBytes: binSize(graph), tally: async () => tallyWeights(graph) };
    memories.push(await memoryOfIr(sizes, submodel, ir, float32Kernels));
  }
  return needAt(sizes, memories);
}

/** Files that do not say it, or say it wrongly: then nothing is said about memory. */
function isUntold(error: unknown): boolean {
  if (error instanceof SyntaxError || (error instanceof Error && error.name === "ZodError")) return true;
  return ["model-damaged", "model-unsupported", "model-not-found"].includes(asLimnerError(error).code);
}

/**
 * Computes what drawing with a model of the hub will take, from its configurations, its graphs and the headers of its
 * weights: nothing large is read. Checkpoints count as what they are converted to.
 * @returns undefined for LoRAs, and where the files do not tell
 * @throws LimnerError where they cannot be read
 */
export async function repositoryMemory(
  { kind, files }: RepositoryKind,
  read: ReadBytes,
  recommendation: Recommendation,
  wishes: ConversionWishes = {},
): Promise<MemoryNeed | undefined> {
  if (kind === "lora") return undefined;
  try {
    return await withExcerpt(files, read, async (excerpt) => {
      if (kind === "openvino") return needOfIr(excerpt, recommendation);
      const { folder, wholeSizes } = excerpt;
      const path = kind === "single-file" && files[0] ? join(folder, ...files[0].path.split("/")) : folder;
      const checkpoint = await openCheckpoint(path, { fullPrecision: wishes.weights === "fp32", wholeSizes });
      try {
        return await needOfCheckpoint(checkpoint, recommendation, wishes);
      } finally {
        await checkpoint.close();
      }
    });
  } catch (error) {
    if (isUntold(error)) return undefined;
    throw error;
  }
}

import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { plainProduct, productBySize } from "../checkpoints/matrixProduct.ts";
import { withLoras } from "../checkpoints/mergedCheckpoint.ts";
import { openCheckpoint } from "../checkpoints/openCheckpoint.ts";
import { forEachOf } from "../platform/taskPool.ts";
import { writeConfigurations } from "./configurationFiles.ts";
import type { ConversionResult, ConvertOptions, ConvertRequest, SubmodelName } from "./conversion.ts";
import { asLimnerError, cancelled } from "./conversionError.ts";
import { type ConversionPlan, planConversion } from "./conversionPlan.ts";
import { type PartialFolder, startFolder } from "./outputFolder.ts";
import { ProgressMeter } from "./progressMeter.ts";
import { findProductMachine } from "./runtimeProduct.ts";
import { convertSubmodel } from "./submodelConversion.ts";
import type { SubmodelJob } from "./submodelJob.ts";
import { convertInWorker, type JobServices } from "./submodelWorkers.ts";
import { writeTokenizers } from "./tokenizerFolders.ts";

const mostThreads = 4;
/** For int4, where nothing else is wished. */
export const defaultGroupSize = 64;

/** The bundled worker beside the bundle this module is in; undefined where the sources run unbundled. */
function workerScript(): URL | undefined {
  const script = new URL("conversionWorker.js", import.meta.url);
  return import.meta.url.endsWith(".js") && existsSync(fileURLToPath(script)) ? script : undefined;
}

async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await folderSize(path) : (await stat(path)).size;
  }
  return bytes;
}

class Conversion {
  readonly #request: ConvertRequest;
  readonly #options: ConvertOptions;
  readonly #plan: ConversionPlan;
  readonly #folder: PartialFolder;

  constructor(request: ConvertRequest, options: ConvertOptions, plan: ConversionPlan, folder: PartialFolder) {
    this.#request = request;
    this.#options = options;
    this.#plan = plan;
    this.#folder = folder;
  }

  async write(checkpoint: Checkpoint): Promise<void> {
    const { submodels, bytesToRead } = this.#plan;
    const { path } = this.#folder;
    await writeConfigurations(checkpoint, submodels, path, this.#request.predictionType);
    await writeTokenizers(checkpoint, path);
    const meter = new ProgressMeter(bytesToRead, this.#options.onProgress ?? (() => {}));
    const machine = (this.#request.loras ?? []).length > 0 ? await findProductMachine() : undefined;
    try {
      await this.#convertAll(submodels, {
        signal: this.#options.signal,
        onBytes: (count) => meter.add(count),
        product: machine?.product ?? plainProduct,
        sendProducts: machine !== undefined,
      });
    } finally {
      await machine?.dispose();
    }
    meter.add(bytesToRead);
  }

  async #convertAll(
    submodels: readonly SubmodelName[],
    services: JobServices & { readonly sendProducts: boolean },
  ): Promise<void> {
    const script = this.#options.threads === 0 ? undefined : workerScript();
    const threads = script ? (this.#options.threads ?? Math.min(mostThreads, availableParallelism())) : 1;
    // One failure stops the others: what they would write is thrown away.
    const stop = new AbortController();
    const signals = [stop.signal, ...(services.signal ? [services.signal] : [])];
    const signal = AbortSignal.any(signals);
    await forEachOf(submodels, threads, async (submodel) => {
      const job = this.#job(submodel, services.sendProducts);
      await mkdir(job.folder, { recursive: true });
      try {
        if (script) await convertInWorker(script, job, { ...services, signal });
        else await convertSubmodel(job, { ...services, product: productBySize(services.product), signal });
      } catch (error) {
        stop.abort();
        throw error;
      }
    });
  }

  #job(submodel: SubmodelName, sendProducts: boolean): SubmodelJob {
    const {
      source,
      loras = [],
      weights = "int8",
      groupSize = defaultGroupSize,
      configuration,
    } = this.#request;
    return {
      source: resolve(source),
      open: { fullPrecision: weights === "fp32", configuration },
      loras,
      submodel,
      weights,
      groupSize,
      folder: join(this.#folder.path, submodel),
      sendProducts,
    };
  }
}

/** Opens the checkpoint with its LoRAs, plans, and reports what the LoRAs came to. */
async function prepare(request: ConvertRequest, options: ConvertOptions): Promise<Checkpoint> {
  const { source, weights = "int8", configuration, loras = [] } = request;
  const plain = await openCheckpoint(source, { fullPrecision: weights === "fp32", configuration });
  try {
    const { checkpoint, reports } = await withLoras(plain, loras);
    for (const report of reports) options.onLora?.(report);
    return checkpoint;
  } catch (error) {
    await plain.close();
    throw error;
  }
}

/**
 * Converts an SDXL checkpoint to a folder that Limner, Optimum Intel and OpenVINO GenAI load. The weights stream
 * through threads, a few megabytes at a time; the calling thread stays free.
 * @throws LimnerError with a sentence for the user; whatever went wrong, no half-written folder stays
 */
export async function convertModel(
  request: ConvertRequest,
  options: ConvertOptions = {},
): Promise<ConversionResult> {
  const started = performance.now();
  let folder: PartialFolder | undefined;
  let checkpoint: Checkpoint | undefined;
  try {
    if (options.signal?.aborted) throw cancelled();
    checkpoint = await prepare(request, options);
    const plan = planConversion(checkpoint, request.weights ?? "int8");
    folder = await startFolder(request.out, plan.bytesToWrite);
    await new Conversion(request, options, plan, folder).write(checkpoint);
    if (options.signal?.aborted) throw cancelled();
    await folder.finish();
    return {
      folder: resolve(request.out),
      submodels: plan.submodels,
      bytes: await folderSize(request.out),
      seconds: (performance.now() - started) / 1000,
    };
  } catch (error) {
    await folder?.abandon();
    throw options.signal?.aborted ? cancelled() : asLimnerError(error);
  } finally {
    await checkpoint?.close();
  }
}

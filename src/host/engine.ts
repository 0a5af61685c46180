import { writeAsset } from "../assets/writeAsset.ts";
import { findModel } from "../models/findModel.ts";
import { type Freed, unloadWhenIdle } from "../models/idleUnload.ts";
import { modelWithLoras } from "../models/lora/mergedVariant.ts";
import { type Found, findRuntime, notFound } from "../openvino/find.ts";
import type { Runtime } from "../openvino/runtime.ts";
import { type SetupOptions, setupRuntime } from "../openvino/setup.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import type { estimateImages } from "../protocol/estimateImages.ts";
import type { GenerateRequest } from "../protocol/generateRequest.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import type { ModelMemoryStatistics } from "../protocol/hostStatistics.ts";
import type { ParamsOf, ResultOf } from "../protocol/messageType.ts";
import { requestedLoras } from "../protocol/promptLoras.ts";
import { type JobHooks, type JobModels, runGenerateJob } from "./generateJob.ts";
import { estimateJob } from "./jobEstimate.ts";
import type { JobTarget } from "./jobTarget.ts";
import { npyBytes } from "./latentsFile.ts";
import { OpenModels } from "./openModels.ts";
import { openResources, type Resources } from "./resources.ts";
import { StepTimes } from "./stepTimes.ts";
import { RecentFolders, type TokenCount, tokenCounts } from "./tokenCounts.ts";

/** One drawing: what, where to, and what it reports. */
export interface DrawingOrder {
  request: GenerateRequest;
  target: JobTarget;
  /** Also write the final latents there. */
  latentsOut?: string;
  hooks?: JobHooks;
  /** Called with where the latents were written. */
  onLatents?(file: string): void;
}

/** What an engine works with. */
export interface EngineOptions {
  /** Limner's version, which travels in the pictures. */
  version: string;
  /** Where OpenVINO keeps compiled models. */
  compiledFolder: string;
  /** Where it is kept how long steps took (default: nowhere). */
  stepTimesFile?: string;
  /** Called when models were not used for ten minutes and have left memory. */
  onUnload?(freed: Freed): void;
}

/** The runtime and the models of a process, opened when they are first needed and kept. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #models = new OpenModels(() => this.#openResources());
  readonly #folders = new RecentFolders();
  readonly #stepTimes: StepTimes | undefined;
  #found: Promise<Found> | undefined;
  #resources: Promise<Resources> | undefined;
  #stopUnloading: (() => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { stepTimesFile } = options;
    this.#stepTimes = stepTimesFile === undefined ? undefined : new StepTimes(stepTimesFile);
  }

  async #openResources(): Promise<Resources> {
    this.#resources ??= openResources().then((resources) => {
      const onUnload = (freed: Freed) => this.#options.onUnload?.(freed);
      this.#stopUnloading = unloadWhenIdle(resources.residency, { onUnload });
      return resources;
    });
    return this.#resources;
  }

  /** What is in memory. */
  async memory(): Promise<ModelMemoryStatistics> {
    const { residency, prompts } = await this.#openResources();
    return {
      budgetBytes: Math.round(residency.budget),
      promptBytes: prompts.bytes,
      submodels: residency.statistics().map(({ bytes, ...one }) => ({ ...one, bytes: Math.round(bytes) })),
    };
  }

  /** The runtime with how it was found. What was not found is looked for again the next time. */
  async found(): Promise<Found> {
    this.#found ??= findRuntime();
    const found = await this.#found;
    if (!found.runtime) this.#found = undefined;
    return found;
  }

  /** Sets a runtime up where there is none, which may download it. */
  async setup(options: SetupOptions): Promise<Found> {
    const found = await this.found();
    if (found.runtime) return found;
    this.#found = setupRuntime(options);
    this.#found.catch(() => {
      this.#found = undefined;
    });
    return this.found();
  }

  /** @throws LimnerError `runtime-not-found` */
  async runtime(): Promise<Runtime> {
    const { runtime, attempts } = await this.found();
    if (!runtime) throw notFound(attempts);
    return runtime;
  }

  /** What a model's encoders read of a prompt. @throws LimnerError */
  tokenCounts(model: string | undefined, prompt: string, weighting: "on" | "off" | undefined): TokenCount[] {
    return tokenCounts(this.#folders.read(findModel(model)), prompt, weighting);
  }

  /** What a drawing will take, as far as it is known. @throws LimnerError for what cannot be drawn */
  async estimate(asked: ParamsOf<typeof estimateImages>): Promise<ResultOf<typeof estimateImages>> {
    if (!this.#stepTimes) return { fewStepModels: [] };
    return estimateJob(asked, this.#stepTimes, (path) => this.#folders.read(path));
  }

  /**
   * Draws the images of a request, writing each as it is finished.
   * @throws LimnerError: images that were written before stay
   */
  async *draw(order: DrawingOrder): AsyncGenerator<GeneratedImage, void, undefined> {
    const { request, hooks } = order;
    // Before OpenVINO is loaded: a name that is wrong costs nothing.
    const plain = findModel(request.model);
    const refiner = request.refiner === undefined ? undefined : findModel(request.refiner);
    const runtime = await this.runtime();
    const execution = {
      device: request.device ?? "CPU",
      precision: request.precision ?? "auto",
      cacheDirectory: this.#options.compiledFolder,
    };
    const tell = (detail: string) =>
      hooks?.onProgress?.({ image: 0, images: 1, stage: "load", step: 0, steps: 0, detail });
    const onLoad = (submodel: string) => tell(`Loading ${submodel}`);
    const base = await modelWithLoras(plain, requestedLoras(request), {
      signal: hooks?.signal,
      onNote: (sentence) => hooks?.onWarning?.(sentence),
      onProgress: ({ bytesDone, bytesTotal }) =>
        tell(`Merging LoRAs: ${10 * Math.floor((10 * bytesDone) / Math.max(1, bytesTotal))} %`),
    });
    const models = this.#models;
    yield* models.use(base, runtime, execution, onLoad, (opened) =>
      refiner === undefined
        ? this.#drawWith({ base: opened }, order)
        : models.use(refiner, runtime, execution, onLoad, (second) =>
            this.#drawWith({ base: opened, refiner: second }, order),
          ),
    );
  }

  async *#drawWith(
    models: JobModels,
    { request, target, latentsOut, hooks = {}, onLatents }: DrawingOrder,
  ): AsyncGenerator<GeneratedImage, void, undefined> {
    const latents: TensorOf<"f32">[] = [];
    yield* runGenerateJob(request, models, target, this.#options.version, {
      ...hooks,
      onStepSeconds: (seconds, drawn) => {
        const { folder, execution } = models.base;
        const kind = {
          model: folder.name,
          device: execution.device,
          precision: execution.precision,
          ...drawn,
        };
        // It is only a help: a cache that cannot be written spoils no drawing.
        this.#stepTimes?.record(kind, seconds).catch(() => undefined);
        hooks.onStepSeconds?.(seconds, drawn);
      },
      onDrawn(drawn) {
        if (latentsOut !== undefined) latents.push(drawn.latents);
        hooks.onDrawn?.(drawn);
      },
    });
    if (latentsOut === undefined) return;
    const file = await writeAsset({ path: latentsOut, bytes: npyBytes(latents), roots: target.roots });
    onLatents?.(file);
  }

  /** Releases the models and the runtime. */
  async dispose(): Promise<void> {
    this.#stopUnloading?.();
    await this.#models.dispose();
    const found = await this.#found?.catch(() => undefined);
    this.#found = undefined;
    found?.runtime?.dispose();
  }
}

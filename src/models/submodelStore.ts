import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { CompiledModel, CompileOptions, ModelFiles, Runtime } from "../openvino/runtime.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import type { SplitNeeds, SplitSubmodel, SubmodelNeeds, Submodels, VaeName } from "../pipelines/submodels.ts";
import { CompiledCache } from "./compiledCache.ts";
import { compileProperties, type Execution } from "./compileProperties.ts";
import { withDerivedModel } from "./derivedModel.ts";
import type { ModelFolder } from "./modelFolder.ts";
import { type MemoryUse, Residency, type ResidentPlan } from "./residency.ts";
import { compileSplit } from "./splitSubmodel.ts";
import { type SubmodelMemory, submodelMemory } from "./submodelMemory.ts";
import { checkPorts } from "./submodelPorts.ts";
import { changesFor, type Variant, variantName } from "./submodelVariant.ts";

/** A VAE in two parts takes no more for any picture than the whole one for this size. */
const splitSize = { width: 512, height: 512 };

/** A variant of a submodel that was compiled, by its key in the residency. */
interface Known {
  submodel: SubmodelName;
  variant: Variant;
  /** Its IR takes fractional timesteps by itself. */
  takesFractions: boolean;
}

/** Whether a variant does all that is needed. The UNet for fractional timesteps serves whole ones too. */
function serves({ variant, takesFractions }: Known, needed: Variant): boolean {
  if (variant.tile !== needed.tile || variant.tokenVectors !== needed.tokenVectors) return false;
  return !needed.fractionalTimesteps || variant.fractionalTimesteps === true || takesFractions;
}

/** What a store may share with others, or is told. */
export interface SubmodelStoreOptions {
  /** Called before a submodel is compiled, which can take many seconds. */
  onLoad?(submodel: SubmodelName): void;
  /** Where the submodels of all stores are kept in memory (default: one of its own, without bounds). */
  residency?: Residency;
}

/** Compiled submodels of one folder, loaded when they are used and kept as long as the residency has room. */
export class SubmodelStore implements Submodels {
  /** Tells this store's submodels from those of others in the residency. */
  readonly #id = randomUUID();
  readonly #known = new Map<string, Known>();
  readonly #model: ModelFolder;
  readonly #runtime: Runtime;
  readonly #execution: Execution;
  readonly #onLoad: (submodel: SubmodelName) => void;
  readonly #residency: Residency;
  readonly #cache: CompiledCache | undefined;
  readonly #floatBytes: 2 | 4;
  #loadSeconds = 0;

  constructor(
    model: ModelFolder,
    runtime: Runtime,
    execution: Execution,
    { onLoad = () => {}, residency = new Residency() }: SubmodelStoreOptions = {},
  ) {
    this.#model = model;
    this.#runtime = runtime;
    this.#execution = execution;
    this.#onLoad = onLoad;
    this.#residency = residency;
    const { cacheDirectory: directory } = execution;
    this.#cache = directory === undefined ? undefined : new CompiledCache({ directory });
    this.#floatBytes = floatBytesOf(runtime, execution);
  }

  /** Seconds spent so far on reading and compiling submodels. */
  get loadSeconds(): number {
    return this.#loadSeconds;
  }

  async use<T>(
    submodel: SubmodelName,
    task: (model: CompiledModel) => Promise<T>,
    { fractionalTimesteps, tile, size, signal }: SubmodelNeeds = {},
  ): Promise<T> {
    const plan = await this.#planFor(submodel, { fractionalTimesteps, tile }, size);
    return this.#residency.use(plan, task, signal);
  }

  async useSplit<T>(
    submodel: VaeName,
    needs: SplitNeeds,
    task: (model: SplitSubmodel) => Promise<T>,
  ): Promise<T> {
    const { wholeScalings, tile, signal } = needs;
    const plan: ResidentPlan<SplitSubmodel> = {
      key: `${this.#id} ${submodel} split ${wholeScalings} ${tile ?? ""}`,
      label: `${this.#model.name} ${submodel}`,
      memory: () => this.#memoryUse(submodel, {}, splitSize),
      load: () => this.#loadSplit(submodel, needs),
    };
    return this.#residency.use(plan, task, signal);
  }

  async #loadSplit(submodel: VaeName, needs: SplitNeeds): Promise<SplitSubmodel> {
    this.#onLoad(submodel);
    const began = performance.now();
    const { device } = this.#execution;
    const properties = compileProperties({ ...this.#execution, cacheDirectory: undefined });
    const compile = (files: ModelFiles) => this.#runtime.compile(files, { device, properties });
    const split = await compileSplit(this.#model.xml(submodel), submodel, needs, compile);
    this.#loadSeconds += (performance.now() - began) / 1000;
    return split;
  }

  /** The same with a text encoder that has the `vectorInputs` too. */
  async useWithVectors<T>(
    submodel: SubmodelName,
    task: (model: CompiledModel) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#residency.use(await this.#planFor(submodel, { tokenVectors: true }), task, signal);
  }

  /** What a submodel takes of a CPU's memory. @throws Error where its files cannot be read */
  async memoryOf(submodel: SubmodelName, variant: Variant = {}): Promise<SubmodelMemory> {
    const fromCache = (await this.#cache?.has(this.#cacheKey(submodel, variant))) ?? false;
    return submodelMemory(this.#model, submodel, { floatBytes: this.#floatBytes, fromCache });
  }

  /** One UNet and one VAE decoder are in memory at a time: those of another variant go. */
  async #planFor(
    submodel: SubmodelName,
    variant: Variant,
    size?: SubmodelNeeds["size"],
  ): Promise<ResidentPlan<CompiledModel>> {
    const others = [...this.#known].filter(
      ([key, known]) => known.submodel === submodel && this.#residency.has(key),
    );
    const [serving] = others.find(([, known]) => serves(known, variant)) ?? [];
    const key = serving ?? `${this.#id} ${submodel} ${variantName(variant)}`;
    if (serving === undefined) {
      const leaving = others.filter(([, known]) => known.variant.tokenVectors === variant.tokenVectors);
      await this.#residency.dropIdle((one) => leaving.some(([other]) => other === one));
    }
    return {
      key,
      label: `${this.#model.name} ${submodel}`,
      memory: () => this.#memoryUse(submodel, variant, size),
      load: () => this.#load(key, submodel, variant),
    };
  }

  async #memoryUse(
    submodel: SubmodelName,
    variant: Variant,
    size: SubmodelNeeds["size"],
  ): Promise<MemoryUse> {
    try {
      const { resident, working } = await this.memoryOf(submodel, variant);
      return { resident, working: size ? working(size) : 0 };
    } catch {
      // What is wrong with its files, loading it tells.
      return { resident: 0, working: 0 };
    }
  }

  async #load(key: string, submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    this.#onLoad(submodel);
    const began = performance.now();
    const compiled = await this.#compile(submodel, variant);
    this.#loadSeconds += (performance.now() - began) / 1000;
    try {
      checkPorts(this.#model, submodel, compiled);
    } catch (error) {
      compiled.dispose();
      throw error;
    }
    const takesFractions = compiled.inputs.find((port) => port.name === "timestep")?.type === "f32";
    this.#known.set(key, { submodel, variant, takesFractions });
    return compiled;
  }

  #cacheKey(submodel: SubmodelName, variant: Variant): string[] {
    const { device, precision } = this.#execution;
    return [this.#model.xml(submodel), variantName(variant), device, precision, this.#runtime.version];
  }

  async #compile(submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    const xml = this.#model.xml(submodel);
    if (!this.#cache) return this.#compileVariant(submodel, variant, undefined);
    const bytes = await stat(xml.replace(/\.xml$/, ".bin")).then(
      ({ size }) => size,
      () => 0,
    );
    return this.#cache.use(this.#cacheKey(submodel, variant), bytes, (folder) =>
      this.#compileVariant(submodel, variant, folder),
    );
  }

  #compileVariant(
    submodel: SubmodelName,
    variant: Variant,
    cacheDirectory: string | undefined,
  ): Promise<CompiledModel> {
    const { device } = this.#execution;
    const properties = compileProperties({ ...this.#execution, cacheDirectory });
    const compile = (files: ModelFiles, shapes?: CompileOptions["shapes"]) =>
      this.#runtime.compile(files, { device, properties, shapes });
    // Optimum's export fixes the text at 77 tokens. Open, it reads prompts of any length and is as fast as before. An
    // IR that cannot be reshaped is taken as it is: what is wrong with it, its ports tell.
    const shapes = { encoder_hidden_states: [-1, -1, this.#model.crossAttentionWidth] };
    const compileOpen = (files: ModelFiles) => compile(files, shapes).catch(() => compile(files));
    return withDerivedModel(
      this.#model.xml(submodel),
      changesFor(this.#model, submodel, variant),
      submodel === "unet" ? compileOpen : compile,
    );
  }

  /** Releases every submodel. */
  async dispose(): Promise<void> {
    await this.#residency.forget((key) => key.startsWith(this.#id));
    this.#known.clear();
  }
}

/** Bytes of the floats that a device computes with. */
function floatBytesOf(runtime: Runtime, { device, precision }: Execution): 2 | 4 {
  if (precision === "f32") return 4;
  try {
    return /\b(BF16|FP16)\b/.test(runtime.deviceProperty(device, "OPTIMIZATION_CAPABILITIES")) ? 2 : 4;
  } catch {
    // A device that there is not: compiling for it tells.
    return 4;
  }
}

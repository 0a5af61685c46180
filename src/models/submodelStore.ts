import { vectorInputs } from "../conditioning/textEncoder.ts";
import { timestepToFloat } from "../graph/passes/timestepToFloat.ts";
import { takeTokenVectors } from "../graph/passes/tokenVectors.ts";
import { wrapConvolutions } from "../graph/passes/wrapConvolutions.ts";
import type { CompiledModel, CompileOptions, ModelFiles, Port, Runtime } from "../openvino/runtime.ts";
import { shapeText } from "../openvino/tensor.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import type { SubmodelNeeds, Submodels } from "../pipelines/submodels.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { compileProperties, type Execution } from "./compileProperties.ts";
import { type GraphChange, withDerivedModel } from "./derivedModel.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** The inputs and outputs a pipeline uses, with the dimensions it relies on (`undefined`: any). */
type Expectation = Record<string, readonly (number | undefined)[]>;

function expectations(model: ModelFolder, submodel: SubmodelName): Expectation {
  const { latentChannels, unetInputChannels, timeIdCount, guidanceEmbeddingWidth } = model.config;
  switch (submodel) {
    case "text_encoder":
    case "text_encoder_2":
      return { input_ids: [undefined, undefined] };
    case "unet":
      return {
        sample: [undefined, unetInputChannels, undefined, undefined],
        encoder_hidden_states: [undefined, undefined, model.crossAttentionWidth],
        time_ids: [undefined, timeIdCount],
        ...(guidanceEmbeddingWidth ? { timestep_cond: [undefined, guidanceEmbeddingWidth] } : {}),
        out_sample: [undefined, latentChannels, undefined, undefined],
      };
    case "vae_encoder":
      return { latent_parameters: [undefined, 2 * latentChannels, undefined, undefined] };
    case "vae_decoder":
    case "taesd_decoder":
      return {
        latent_sample: [undefined, latentChannels, undefined, undefined],
        sample: [undefined, 3, undefined, undefined],
      };
  }
}

function fits(port: Port, expected: readonly (number | undefined)[]): boolean {
  if (port.shape === undefined) return true;
  if (port.shape.length !== expected.length) return false;
  return port.shape.every(
    (length, axis) => length < 0 || expected[axis] === undefined || length === expected[axis],
  );
}

/** @throws LimnerError `model-damaged` when the IR is not the one that the configuration describes */
function checkPorts(model: ModelFolder, submodel: SubmodelName, compiled: CompiledModel): void {
  const ports = [...compiled.inputs, ...compiled.outputs];
  for (const [name, expected] of Object.entries(expectations(model, submodel))) {
    const port = ports.find((one) => one.name === name);
    if (!port) {
      throw new LimnerError(
        "model-damaged",
        `${model.xml(submodel)} has no input or output named ${name}. Export the model again with Optimum Intel.`,
      );
    }
    if (!fits(port, expected)) {
      const wanted = `[${expected.map((length) => length ?? "?").join(",")}]`;
      throw new LimnerError(
        "model-damaged",
        `${model.xml(submodel)}: ${name} has shape ${shapeText(port.shape ?? [])}, but the model's configuration says ` +
          `${wanted}. The files do not belong together: get the model again.`,
      );
    }
  }
}

/** What is compiled: the submodel as it is (no field), or changed. */
interface Variant extends SubmodelNeeds {
  /** A text encoder takes vectors in the place of tokens. */
  tokenVectors?: boolean;
}

/** A submodel that is in memory or on its way there. */
interface Loaded {
  submodel: SubmodelName;
  variant: Variant;
  compiled: Promise<CompiledModel>;
}

/** Whether a variant does all that is needed. The UNet for fractional timesteps serves whole ones too. */
async function serves({ variant, compiled }: Loaded, needed: Variant): Promise<boolean> {
  if (variant.tile !== needed.tile || variant.tokenVectors !== needed.tokenVectors) return false;
  if (!needed.fractionalTimesteps || variant.fractionalTimesteps) return true;
  return (await compiled).inputs.find((port) => port.name === "timestep")?.type === "f32";
}

/** Compiled submodels of one folder, loaded when they are first used and kept until `dispose`. */
export class SubmodelStore implements Submodels {
  readonly #loaded: Loaded[] = [];
  readonly #model: ModelFolder;
  readonly #runtime: Runtime;
  readonly #execution: Execution;
  readonly #onLoad: (submodel: SubmodelName) => void;
  #loadSeconds = 0;

  /** @param onLoad called before a submodel is compiled, which can take many seconds */
  constructor(
    model: ModelFolder,
    runtime: Runtime,
    execution: Execution,
    onLoad: (submodel: SubmodelName) => void = () => {},
  ) {
    this.#model = model;
    this.#runtime = runtime;
    this.#execution = execution;
    this.#onLoad = onLoad;
  }

  /** Seconds spent so far on reading and compiling submodels. */
  get loadSeconds(): number {
    return this.#loadSeconds;
  }

  async use<T>(
    submodel: SubmodelName,
    task: (model: CompiledModel) => Promise<T>,
    needs: SubmodelNeeds = {},
  ): Promise<T> {
    return task(await this.#load(submodel, needs));
  }

  /** The same with a text encoder that has the `vectorInputs` too. */
  async useWithVectors<T>(submodel: SubmodelName, task: (model: CompiledModel) => Promise<T>): Promise<T> {
    return task(await this.#load(submodel, { tokenVectors: true }));
  }

  /** One UNet and one VAE decoder are in memory at a time: those of another variant go. */
  async #load(submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    for (const known of this.#loaded.filter((one) => one.submodel === submodel)) {
      if (await serves(known, variant)) return known.compiled;
      if (known.variant.tokenVectors === variant.tokenVectors) await this.#release(known);
    }
    this.#onLoad(submodel);
    const loaded: Loaded = { submodel, variant, compiled: this.#compile(submodel, variant) };
    this.#loaded.push(loaded);
    // A failed load is tried again at the next use.
    loaded.compiled.catch(() => this.#forget(loaded));
    return loaded.compiled;
  }

  #forget(loaded: Loaded): void {
    const at = this.#loaded.indexOf(loaded);
    if (at >= 0) this.#loaded.splice(at, 1);
  }

  async #release(loaded: Loaded): Promise<void> {
    this.#forget(loaded);
    (await loaded.compiled).dispose();
  }

  /** The changes that make a variant of a submodel. */
  #changesFor(submodel: SubmodelName, { tokenVectors, fractionalTimesteps, tile }: Variant): GraphChange[] {
    const changes: GraphChange[] = [];
    const encoder = this.#model.textEncoders.find((one) => one.submodel === submodel);
    if (tokenVectors && encoder) {
      changes.push({
        pass: (graph) => takeTokenVectors(graph, encoder.hiddenSize, vectorInputs),
        purpose: "Embeddings cannot be used",
      });
    }
    if (fractionalTimesteps) {
      changes.push({ pass: timestepToFloat, purpose: "Fractional timesteps cannot be used" });
    }
    if (tile) {
      changes.push({
        pass: (graph) => wrapConvolutions(graph, tile),
        purpose: "Pictures that tile cannot be drawn",
      });
    }
    return changes;
  }

  #compileVariant(submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    const { device } = this.#execution;
    const compile = (files: ModelFiles, shapes?: CompileOptions["shapes"]) =>
      this.#runtime.compile(files, { device, properties: compileProperties(this.#execution), shapes });
    // Optimum's export fixes the text at 77 tokens. Open, it reads prompts of any length and is as fast as before. An
    // IR that cannot be reshaped is taken as it is: what is wrong with it, its ports tell.
    const shapes = { encoder_hidden_states: [-1, -1, this.#model.crossAttentionWidth] };
    const compileOpen = (files: ModelFiles) => compile(files, shapes).catch(() => compile(files));
    return withDerivedModel(
      this.#model.xml(submodel),
      this.#changesFor(submodel, variant),
      submodel === "unet" ? compileOpen : compile,
    );
  }

  async #compile(submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    const began = performance.now();
    const compiled = await this.#compileVariant(submodel, variant);
    this.#loadSeconds += (performance.now() - began) / 1000;
    try {
      checkPorts(this.#model, submodel, compiled);
    } catch (error) {
      compiled.dispose();
      throw error;
    }
    return compiled;
  }

  /** Releases every submodel. */
  async dispose(): Promise<void> {
    const loaded = this.#loaded.splice(0);
    for (const settled of await Promise.allSettled(loaded.map((one) => one.compiled))) {
      if (settled.status === "fulfilled") settled.value.dispose();
    }
  }
}

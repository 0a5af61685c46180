import { vectorInputs } from "../conditioning/textEncoder.ts";
import type { Graph } from "../graph/graph.ts";
import { timestepToFloat } from "../graph/passes/timestepToFloat.ts";
import { takeTokenVectors } from "../graph/passes/tokenVectors.ts";
import type { CompiledModel, CompileOptions, ModelFiles, Port, Runtime } from "../openvino/runtime.ts";
import { shapeText } from "../openvino/tensor.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import type { SubmodelNeeds, Submodels } from "../pipelines/submodels.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { compileProperties, type Execution } from "./compileProperties.ts";
import { withDerivedModel } from "./derivedModel.ts";
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

/**
 * What is compiled: the submodel as it is, a text encoder that takes vectors in the place of tokens, or a UNet that
 * takes fractional timesteps.
 */
type Variant = "plain" | "token-vectors" | "fractional-timesteps";

/** Compiled submodels of one folder, loaded when they are first used and kept until `dispose`. */
export class SubmodelStore implements Submodels {
  readonly #loaded = new Map<string, Promise<CompiledModel>>();
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
    { fractionalTimesteps = false }: SubmodelNeeds = {},
  ): Promise<T> {
    return task(await (submodel === "unet" ? this.#loadUnet(fractionalTimesteps) : this.load(submodel)));
  }

  /** One UNet is in memory at a time. The one for fractional timesteps serves whole ones too. */
  async #loadUnet(fractionalTimesteps: boolean): Promise<CompiledModel> {
    const fractional = this.#loaded.get("unet fractional-timesteps");
    if (fractional) return fractional;
    if (!fractionalTimesteps) return this.load("unet");
    const plain = await this.#loaded.get("unet plain");
    if (plain?.inputs.find((port) => port.name === "timestep")?.type === "f32") return plain;
    this.#loaded.delete("unet plain");
    plain?.dispose();
    return this.load("unet", "fractional-timesteps");
  }

  /** The same with a text encoder that has the `vectorInputs` too. */
  async useWithVectors<T>(submodel: SubmodelName, task: (model: CompiledModel) => Promise<T>): Promise<T> {
    return task(await this.load(submodel, "token-vectors"));
  }

  /** Compiles a submodel ahead of its use. */
  load(submodel: SubmodelName, variant: Variant = "plain"): Promise<CompiledModel> {
    const key = `${submodel} ${variant}`;
    const known = this.#loaded.get(key);
    if (known) return known;
    this.#onLoad(submodel);
    const loading = this.#compile(submodel, variant);
    this.#loaded.set(key, loading);
    // A failed load is tried again at the next use.
    loading.catch(() => this.#loaded.delete(key));
    return loading;
  }

  #compileVariant(submodel: SubmodelName, variant: Variant): Promise<CompiledModel> {
    const xml = this.#model.xml(submodel);
    const { device } = this.#execution;
    const compile = (files: ModelFiles, shapes?: CompileOptions["shapes"]) =>
      this.#runtime.compile(files, { device, properties: compileProperties(this.#execution), shapes });
    const encoder = this.#model.textEncoders.find((one) => one.submodel === submodel);
    if (variant === "token-vectors" && encoder) {
      const pass = (graph: Graph) => takeTokenVectors(graph, encoder.hiddenSize, vectorInputs);
      return withDerivedModel(xml, pass, "Embeddings cannot be used", compile);
    }
    if (submodel !== "unet") return compile({ xml });
    // Optimum's export fixes the text at 77 tokens. Open, it reads prompts of any length and is as fast as before. An
    // IR that cannot be reshaped is taken as it is: what is wrong with it, its ports tell.
    const shapes = { encoder_hidden_states: [-1, -1, this.#model.crossAttentionWidth] };
    const compileOpen = (files: ModelFiles) => compile(files, shapes).catch(() => compile(files));
    return variant === "plain"
      ? compileOpen({ xml })
      : withDerivedModel(xml, timestepToFloat, "Fractional timesteps cannot be used", compileOpen);
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
    const loaded = [...this.#loaded.values()];
    this.#loaded.clear();
    for (const settled of await Promise.allSettled(loaded)) {
      if (settled.status === "fulfilled") settled.value.dispose();
    }
  }
}

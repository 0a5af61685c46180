import type { PromptEncoder } from "../conditioning/promptEmbeddings.ts";
import type { Execution } from "../models/compileProperties.ts";
import { encoderIdentity } from "../models/encoderIdentity.ts";
import { type ModelFolder, readModelFolder } from "../models/modelFolder.ts";
import type { Residency } from "../models/residency.ts";
import type { SubmodelMemory } from "../models/submodelMemory.ts";
import { SubmodelStore } from "../models/submodelStore.ts";
import type { Runtime } from "../openvino/runtime.ts";
import type { Pipeline } from "../pipelines/pipeline.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import { type Resources, unboundedResources } from "./resources.ts";

/** A model opened for drawing. */
export interface OpenModel {
  folder: ModelFolder;
  pipeline: Pipeline;
  execution: Execution;
  /** Where its submodels are kept in memory. */
  residency: Residency;
  /** What a submodel takes of a CPU's memory. @throws Error where its files cannot be read */
  memoryOf(submodel: SubmodelName): Promise<SubmodelMemory>;
  /** Seconds spent so far on loading submodels. */
  loadSeconds(): number;
  dispose(): Promise<void>;
}

/**
 * Opens a model's folder on a runtime. Submodels are compiled when they are first needed.
 * @param path absolute path of the folder
 * @param onLoad called before a submodel is compiled
 * @param resources what it shares with the other models of the process (default: nothing)
 * @throws LimnerError when the folder is missing or malformed
 */
export function openModel(
  path: string,
  runtime: Runtime,
  execution: Execution,
  onLoad?: (submodel: SubmodelName) => void,
  resources: Resources = unboundedResources(),
): OpenModel {
  const folder = readModelFolder(path);
  const { residency, prompts } = resources;
  const submodels = new SubmodelStore(folder, runtime, execution, { onLoad, residency });
  const promptEncoders: PromptEncoder[] = folder.textEncoders.map(({ submodel, tokenizer }) => ({
    tokenizer,
    use: (task, signal) => submodels.use(submodel, task, { signal }),
    useWithVectors: (task, signal) => submodels.useWithVectors(submodel, task, signal),
  }));
  return {
    folder,
    execution,
    residency,
    pipeline: {
      config: folder.config,
      promptEncoders,
      promptMemory: { cache: prompts, model: encoderIdentity(folder, runtime, execution) },
      submodels,
    },
    memoryOf: (submodel) => submodels.memoryOf(submodel),
    loadSeconds: () => submodels.loadSeconds,
    dispose: () => submodels.dispose(),
  };
}

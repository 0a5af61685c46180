import type { PromptEncoder } from "../conditioning/promptEmbeddings.ts";
import type { Execution } from "../models/compileProperties.ts";
import { type ModelFolder, readModelFolder } from "../models/modelFolder.ts";
import { SubmodelStore } from "../models/submodelStore.ts";
import type { Runtime } from "../openvino/runtime.ts";
import type { Pipeline } from "../pipelines/pipeline.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";

/** A model opened for drawing. */
export interface OpenModel {
  folder: ModelFolder;
  pipeline: Pipeline;
  /** Seconds spent so far on loading submodels. */
  loadSeconds(): number;
  dispose(): Promise<void>;
}

/**
 * Opens a model's folder on a runtime. Submodels are compiled when they are first needed.
 * @param path absolute path of the folder
 * @param onLoad called before a submodel is compiled
 * @throws LimnerError when the folder is missing or malformed
 */
export function openModel(
  path: string,
  runtime: Runtime,
  execution: Execution,
  onLoad?: (submodel: SubmodelName) => void,
): OpenModel {
  const folder = readModelFolder(path);
  const submodels = new SubmodelStore(folder, runtime, execution, onLoad);
  const promptEncoders: PromptEncoder[] = folder.textEncoders.map(({ submodel, tokenizer }) => ({
    tokenizer,
    use: (task) => submodels.use(submodel, task),
    useWithVectors: (task) => submodels.useWithVectors(submodel, task),
  }));
  return {
    folder,
    pipeline: { config: folder.config, promptEncoders, submodels },
    loadSeconds: () => submodels.loadSeconds,
    dispose: () => submodels.dispose(),
  };
}

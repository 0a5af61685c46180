import type { Execution } from "../models/compileProperties.ts";
import type { Runtime } from "../openvino/runtime.ts";
import type { SubmodelName } from "../pipelines/pipelineConfig.ts";
import { type OpenModel, openModel } from "./openModel.ts";
import type { Resources } from "./resources.ts";

/** Models that are kept open beside those in use. */
const maximumIdle = 2;

interface Entry {
  readonly model: OpenModel;
  uses: number;
  onLoad: (submodel: SubmodelName) => void;
}

/** The models that jobs draw with, kept open between jobs. */
export class OpenModels {
  /** Who was used last is last. */
  readonly #entries = new Map<string, Entry>();
  readonly #resources: () => Promise<Resources>;

  /** @param resources what the models share */
  constructor(resources: () => Promise<Resources>) {
    this.#resources = resources;
  }

  /**
   * Runs a task with a model open.
   * @param path absolute path of its folder
   * @param onLoad called before a submodel is compiled for this task
   */
  async *use<T>(
    path: string,
    runtime: Runtime,
    execution: Execution,
    onLoad: (submodel: SubmodelName) => void,
    task: (model: OpenModel) => AsyncGenerator<T, void, undefined>,
  ): AsyncGenerator<T, void, undefined> {
    const key = JSON.stringify([path, execution.device, execution.precision]);
    const entry = this.#open(key, path, runtime, execution, await this.#resources());
    entry.uses += 1;
    entry.onLoad = onLoad;
    try {
      yield* task(entry.model);
    } finally {
      entry.uses -= 1;
      await this.#close(maximumIdle);
    }
  }

  #open(key: string, path: string, runtime: Runtime, execution: Execution, resources: Resources): Entry {
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const entry = known ?? this.#create(path, runtime, execution, resources);
    this.#entries.set(key, entry);
    return entry;
  }

  #create(path: string, runtime: Runtime, execution: Execution, resources: Resources): Entry {
    const onLoad = (submodel: SubmodelName) => entry.onLoad(submodel);
    const model = openModel(path, runtime, execution, onLoad, resources);
    const entry: Entry = { model, uses: 0, onLoad: () => {} };
    return entry;
  }

  /** Closes idle models, those first that were not used for longest, until so many are left. */
  async #close(left: number): Promise<void> {
    const idle = [...this.#entries].filter(([, { uses }]) => uses === 0);
    for (const [key, { model }] of idle.slice(0, Math.max(0, idle.length - left))) {
      this.#entries.delete(key);
      await model.dispose();
    }
  }

  async dispose(): Promise<void> {
    await this.#close(0);
  }
}

import type { CompiledModel } from "../openvino/runtime.ts";
import type { TileAxes } from "../protocol/generateRequest.ts";
import type { Size } from "../protocol/size.ts";
import type { SubmodelName } from "./pipelineConfig.ts";

/** What a pipeline needs of a submodel beyond what every export has. */
export interface SubmodelNeeds {
  /** The UNet must take timesteps such as 500.25, which Optimum Intel's exports do not. */
  fractionalTimesteps?: boolean;
  /** Axes along which a picture is to continue at its opposite edge, for the UNet and the VAE. */
  tile?: TileAxes;
  /** Size of the picture it will work on, in pixels: a run takes memory by it. */
  size?: Size;
  /** Ends the wait for it to be loaded. */
  signal?: AbortSignal;
}

/** Where pipelines get compiled submodels from. Whoever stands behind it decides what stays in memory. */
export interface Submodels {
  /** Runs a task with the submodel in memory, loading it if needed. It may be dropped once the task has ended. */
  use<T>(
    submodel: SubmodelName,
    task: (model: CompiledModel) => Promise<T>,
    needs?: SubmodelNeeds,
  ): Promise<T>;
}

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

/** The two networks of a VAE. */
export type VaeName = Extract<SubmodelName, "vae_encoder" | "vae_decoder">;

/** How a VAE's network is to be split. */
export interface SplitNeeds {
  /** How often the part that sees the whole image doubles it (a decoder) or halves it (an encoder). */
  readonly wholeScalings: number;
  /** Axes along which the picture continues at its opposite edge. */
  readonly tile?: TileAxes;
  readonly signal?: AbortSignal;
}

/** A norm of a tile's network, whose statistics go in and come out. */
export interface OpenNorm {
  /** Name of the input f32 `[groups, 3]`: mean, variance and ε of each group. */
  readonly given: string;
  /** Name of the output f32 `[1, groups, 2]`: mean and variance of the tile's core. */
  readonly found: string;
  readonly groups: number;
  readonly epsilon: number;
}

/** The part of a network that runs on tiles of an image. Lengths are in cells of its coarsest tensor. */
export interface TileModel {
  readonly model: CompiledModel;
  readonly names: {
    /** Of the image that goes in, f32 `[1, channels, rows, columns]`, and of the one that comes out. */
    readonly input: string;
    readonly output: string;
    /** i64 `[4]`: first row and column of what the tile is for, row and column behind its last, in cells. */
    readonly core: string;
    /** f32 `[1]`: 0 normalizes by the given statistics, 1 by those of the core itself. */
    readonly own: string;
  };
  readonly norms: readonly OpenNorm[];
  /** Rows of the input and of the output to one cell. */
  readonly inputRows: number;
  readonly outputRows: number;
  /** How many cells a tile must see around its core so that the core comes out exactly. */
  readonly before: number;
  readonly after: number;
}

/** A VAE's network in two: one part sees the whole image at low resolution, the other may see tiles of it. */
export interface SplitSubmodel {
  readonly whole: CompiledModel;
  readonly tiles: TileModel;
  /** Releases both. */
  dispose(): void;
}

/** Where pipelines get compiled submodels from. Whoever stands behind it decides what stays in memory. */
export interface Submodels {
  /** Runs a task with the submodel in memory, loading it if needed. It may be dropped once the task has ended. */
  use<T>(
    submodel: SubmodelName,
    task: (model: CompiledModel) => Promise<T>,
    needs?: SubmodelNeeds,
  ): Promise<T>;

  /**
   * The same with a VAE's network in two parts, for pictures that are too large for the whole one.
   * @throws LimnerError `model-unsupported` where the network is not built so that it can be split
   */
  useSplit<T>(submodel: VaeName, needs: SplitNeeds, task: (model: SplitSubmodel) => Promise<T>): Promise<T>;
}

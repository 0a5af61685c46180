import type { PromptEncoder, PromptMemory } from "../conditioning/promptEmbeddings.ts";
import type { RgbImage } from "../images/rgbImage.ts";
import type { Stage } from "../protocol/progress.ts";
import type { PipelineConfig } from "./pipelineConfig.ts";
import type { Submodels } from "./submodels.ts";

/** A model that can draw: its configuration, its prompt encoders and its submodels. */
export interface Pipeline {
  config: PipelineConfig;
  promptEncoders: readonly PromptEncoder[];
  /** Where embeddings of prompts are remembered. */
  promptMemory?: PromptMemory;
  submodels: Submodels;
  vaeTiles?: VaeTiles;
}

/** When and how pictures go through the VAE in tiles. */
export interface VaeTiles {
  /** Pixels of the largest picture that the VAE is given whole. */
  wholePixels: number;
  /** Pixels of a tile along each axis, what it sees around itself not counted. */
  length: number;
}

/** What a caller may watch and stop. */
export interface DrawHooks {
  signal?: AbortSignal;
  onWarning?(sentence: string): void;
  /** Called once, before the first `denoise` stage, with the steps that each image will take. */
  onPlan?(steps: number): void;
  /** Called before each stage, and after each step of the `denoise` stage (`step` steps are done then). */
  onStage?(stage: Stage, image: number, step: number): void;
  /** Where previews are shown. */
  preview?: PreviewHook;
}

/** Takes small pictures of what the image that is being drawn will be. */
export interface PreviewHook {
  /** Asked after each step: a preview that comes too soon after the last need not be made. */
  isDue(): boolean;
  show(preview: RgbImage, image: number): void;
}

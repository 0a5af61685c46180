import type { LoraChoice, LoraReport } from "../checkpoints/mergedCheckpoint.ts";

export type { LoraChoice, LoraReport };

/** How the weights of the converted model are stored. */
export type WeightFormat = "fp32" | "fp16" | "int8" | "int4";

export const weightFormats: readonly WeightFormat[] = ["fp32", "fp16", "int8", "int4"];

/** How a model's prediction is to be read, where the checkpoint does not say it or says it wrongly. */
export type PredictionTypeName = "epsilon" | "v_prediction" | "sample";

export const predictionTypes: readonly PredictionTypeName[] = ["epsilon", "v_prediction", "sample"];

/** The folders of a converted model, in the order in which Optimum Intel writes them. */
export const submodelNames = [
  "unet",
  "text_encoder",
  "text_encoder_2",
  "vae_encoder",
  "vae_decoder",
] as const;

export type SubmodelName = (typeof submodelNames)[number];

/** How far a conversion is. */
export interface ConversionProgress {
  /** Bytes of the checkpoint's weights that have been converted, of all that will be. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Absent until enough has been done to tell. */
  readonly secondsLeft?: number;
}

/** What to convert, and how. */
export interface ConvertRequest {
  /** A `.safetensors` file or a folder in diffusers' layout. */
  readonly source: string;
  /** The folder to write; it must not exist or be empty. */
  readonly out: string;
  /** `int8` where it is not given. */
  readonly weights?: WeightFormat;
  /** For int4: how many weights of a row share a scale; 64 where it is not given. */
  readonly groupSize?: number;
  readonly loras?: readonly LoraChoice[];
  readonly predictionType?: PredictionTypeName;
  /** For single files of unusual shape: a diffusers folder with their configuration. */
  readonly configuration?: string;
}

/** How the caller follows a conversion and stops it. */
export interface ConvertOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ConversionProgress) => void;
  /** Called once for each LoRA file, before anything is written. */
  readonly onLora?: (report: LoraReport) => void;
  /** How many submodels are converted at once, each in a thread of its own; 0 converts in the calling thread. */
  readonly threads?: number;
}

/** What a conversion came to. */
export interface ConversionResult {
  readonly folder: string;
  readonly submodels: readonly SubmodelName[];
  /** The size of the folder. */
  readonly bytes: number;
  readonly seconds: number;
}

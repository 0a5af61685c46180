import type { JsonObject } from "./boundedJson.ts";
import type { TensorSource } from "./tensorSource.ts";

/** One network: its configuration as diffusers or transformers writes it, and its weights under their names. */
export interface Submodel {
  readonly config: JsonObject;
  readonly tensors: ReadonlyMap<string, TensorSource>;
}

/** What a scheduler's `prediction_type` may say. */
export type PredictionType = "epsilon" | "v_prediction" | "sample";

/** An open SDXL checkpoint, whichever layout it came in. */
export interface Checkpoint {
  readonly path: string;
  readonly layout: "diffusers" | "single-file";
  /** `model_index.json` without its components: the class of the pipeline and its settings. */
  readonly pipeline: JsonObject;
  readonly scheduler: JsonObject;
  readonly unet: Submodel;
  readonly vae: Submodel;
  /** CLIP-L; the refiner has none. */
  readonly textEncoder?: Submodel;
  /** OpenCLIP bigG. */
  readonly textEncoder2?: Submodel;
  /** The folders of the tokenizers; single files carry none. */
  readonly tokenizers: { readonly first?: string; readonly second?: string };
  /** Closes the files; the tensors cannot be read afterwards. */
  close(): Promise<void>;
}

/** How to open a checkpoint. */
export interface OpenOptions {
  /** Prefer the full-precision files of a folder over its `*.fp16.safetensors`, which are read otherwise. */
  readonly fullPrecision?: boolean;
  /**
   * For single files: a diffusers folder whose `config.json` files are used instead of what the shapes of the
   * tensors tell. Shapes do not tell the number of attention heads where it is not SDXL's.
   */
  readonly configuration?: string;
  /**
   * Sizes in bytes of safetensors files by their paths, of which only the headers are there: such a checkpoint can be
   * described, and the values of its tensors cannot be read.
   */
  readonly wholeSizes?: ReadonlyMap<string, number>;
}

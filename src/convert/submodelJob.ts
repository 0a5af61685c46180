import type { Checkpoint, OpenOptions, Submodel } from "../checkpoints/checkpoint.ts";
import type { LoraChoice } from "../checkpoints/mergedCheckpoint.ts";
import type { SubmodelName, WeightFormat } from "./conversion.ts";

/** Everything a thread needs to convert one submodel; it can be sent to a worker. */
export interface SubmodelJob {
  readonly source: string;
  readonly open: OpenOptions;
  readonly loras: readonly LoraChoice[];
  readonly submodel: SubmodelName;
  readonly weights: WeightFormat;
  readonly groupSize: number;
  /** The folder that gets `openvino_model.xml` and `.bin`. */
  readonly folder: string;
  /** Whether matrices are multiplied by whoever started the thread, instead of in plain JavaScript. */
  readonly sendProducts: boolean;
}

/** The network of a checkpoint that becomes a submodel; undefined where it has none. */
export function networkOf(checkpoint: Checkpoint, submodel: SubmodelName): Submodel | undefined {
  switch (submodel) {
    case "unet":
      return checkpoint.unet;
    case "text_encoder":
      return checkpoint.textEncoder;
    case "text_encoder_2":
      return checkpoint.textEncoder2;
    case "vae_encoder":
    case "vae_decoder":
      return checkpoint.vae;
  }
}

/** Whether a tensor of the network belongs to the submodel: the autoencoder's two halves share one network. */
export function isPartOf(submodel: SubmodelName, tensor: string): boolean {
  if (submodel === "vae_encoder") return tensor.startsWith("encoder.") || tensor.startsWith("quant_conv.");
  if (submodel === "vae_decoder")
    return tensor.startsWith("decoder.") || tensor.startsWith("post_quant_conv.");
  return true;
}

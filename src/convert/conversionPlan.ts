import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { elementCount } from "../checkpoints/tensorSource.ts";
import { type SubmodelName, submodelNames, type WeightFormat } from "./conversion.ts";
import { isPartOf, networkOf } from "./submodelJob.ts";

/** What a conversion will read and about how much it will write. */
export interface ConversionPlan {
  /** The largest first, so that the last thread to finish started early. */
  readonly submodels: readonly SubmodelName[];
  /** Bytes of weights to be read. */
  readonly bytesToRead: number;
  /** Bytes on disk, rounded up. */
  readonly bytesToWrite: number;
}

const bytesPerMatrixElement: Record<WeightFormat, number> = { fp32: 4, fp16: 2, int8: 1, int4: 1 };
/** Scales, zero points, biases, the graphs themselves and the tokenizers. */
const overhead = 1.02;
const otherFiles = 20e6;

/** Plans the conversion of a checkpoint, LoRAs merged. */
export function planConversion(checkpoint: Checkpoint, weights: WeightFormat): ConversionPlan {
  const sizes = new Map<SubmodelName, number>();
  let bytesToWrite = otherFiles;
  for (const submodel of submodelNames) {
    const network = networkOf(checkpoint, submodel);
    if (!network) continue;
    let size = 0;
    for (const [name, tensor] of network.tensors) {
      if (!isPartOf(submodel, name)) continue;
      size += tensor.byteLength;
      const perElement = tensor.shape.length > 1 ? bytesPerMatrixElement[weights] : 4;
      bytesToWrite += elementCount(tensor.shape) * perElement * overhead;
    }
    sizes.set(submodel, size);
  }
  const submodels = [...sizes].sort(([, one], [, other]) => other - one).map(([name]) => name);
  const bytesToRead = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return { submodels, bytesToRead, bytesToWrite: Math.ceil(bytesToWrite) };
}

import type { WeightRole, WeightSource } from "../architectures/weights.ts";
import { CheckpointError } from "../checkpoints/checkpointError.ts";
import { isFloat } from "../checkpoints/floatValues.ts";
import type { TensorSource } from "../checkpoints/tensorSource.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/operations.ts";
import type { WeightFormat } from "./conversion.ts";
import { floatStream, halfStream, type OnBytes } from "./floatStream.ts";

/** How weights are stored, and who is told about progress. */
export interface StorageOptions {
  readonly weights: WeightFormat;
  readonly onBytes: OnBytes;
}

/** A checkpoint's tensors as the weights of a graph: they stay on disk until the graph is written. */
export class CheckpointWeights implements WeightSource {
  readonly #tensors: ReadonlyMap<string, TensorSource>;
  readonly #options: StorageOptions;

  constructor(tensors: ReadonlyMap<string, TensorSource>, options: StorageOptions) {
    this.#tensors = tensors;
    this.#options = options;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  shape(name: string): readonly number[] {
    return this.#tensor(name).shape;
  }

  weight(graph: GraphBuilder, name: string, _role: WeightRole, shape: readonly number[]): Value {
    const tensor = this.#tensor(name);
    const { weights, onBytes } = this.#options;
    // A half is kept as it is for quantizing too: it loses nothing, and half as many bytes are read.
    const asHalf = weights === "fp16" || (weights !== "fp32" && tensor.dataType === "F16");
    if (!asHalf) return graph.constant("f32", shape, floatStream(tensor, onBytes), name);
    // As OpenVINO names them: the conversion carries the weight's name where the constant is only stored as half.
    const [stored, read] = weights === "fp16" ? [`${name}_compressed`, name] : [name, `${name}/convert`];
    return graph.decompressed(graph.constant("f16", shape, halfStream(tensor, onBytes), stored), read);
  }

  #tensor(name: string): TensorSource {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new CheckpointError("damaged", `The checkpoint has no tensor ${name}.`);
    if (!isFloat(tensor.dataType))
      throw new CheckpointError(
        "unsupported",
        `The tensor ${name} is of type ${tensor.dataType}, not a float.`,
      );
    return tensor;
  }
}

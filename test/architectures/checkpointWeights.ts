import type { WeightRole, WeightSource } from "../../src/architectures/weights.ts";
import type { Submodel } from "../../src/checkpoints/checkpoint.ts";
import { decodeFloats } from "../../src/checkpoints/floatValues.ts";
import { readWhole, type TensorSource } from "../../src/checkpoints/tensorSource.ts";
import { elementCount } from "../../src/graph/elementType.ts";
import type { LazyData } from "../../src/graph/graph.ts";

/** Weights of a checkpoint as plain f32 constants, and what was asked for. */
export interface CheckpointWeights extends WeightSource {
  /** The roles of the weights that the network took, by name. */
  readonly taken: ReadonlyMap<string, WeightRole>;
}

function asFloats(source: TensorSource): LazyData {
  return {
    kind: "lazy",
    size: elementCount(source.shape) * 4,
    async *open() {
      const values = new Float32Array(elementCount(source.shape));
      decodeFloats(await readWhole(source), source.dataType, values);
      yield new Uint8Array(values.buffer);
    },
  };
}

export function checkpointWeights({ tensors }: Pick<Submodel, "tensors">): CheckpointWeights {
  const taken = new Map<string, WeightRole>();
  const find = (name: string): TensorSource => {
    const source = tensors.get(name);
    if (source === undefined) throw new Error(`no tensor ${name}`);
    return source;
  };
  return {
    taken,
    has: (name) => tensors.has(name),
    shape: (name) => find(name).shape,
    weight(graph, name, role, shape) {
      if (taken.has(name)) throw new Error(`${name} was taken twice`);
      taken.set(name, role);
      return graph.constant("f32", shape, asFloats(find(name)), name);
    },
  };
}

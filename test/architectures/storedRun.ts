import { join } from "node:path";
import type { Graph } from "../../src/graph/graph.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import type { CompiledModel, Runtime } from "../../src/openvino/runtime.ts";
import { f32, i64, type Tensor } from "../../src/openvino/tensor.ts";
import { relativeDifference } from "../support/difference.ts";
import { readNpy } from "../support/npy.ts";

/** Files of a network's inputs or outputs, by the names that they have in the graph. */
export type StoredFiles = Readonly<Record<string, string>>;

/** Writes a graph into a folder and compiles it for the comparison with torch: in f32, with the weights as they are. */
export async function compileGraph(
  runtime: Runtime,
  graph: Graph,
  folder: string,
  name: string,
): Promise<CompiledModel> {
  const xml = join(folder, `${name}.xml`);
  await writeIr(graph, xml, join(folder, `${name}.bin`));
  const properties = { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: "0" };
  return runtime.compile({ xml }, { properties });
}

function storedTensor(file: string): Tensor {
  const { shape, data } = readNpy(file);
  if (data instanceof Float32Array) return f32(shape, data);
  if (data instanceof BigInt64Array) return i64(shape, data);
  throw new Error(`${file} holds bytes`);
}

/** An output beside the one that torch computed. */
export interface Comparison {
  readonly name: string;
  readonly shape: readonly number[];
  readonly storedShape: readonly number[];
  /** max|Δ| / max|reference| */
  readonly difference: number;
}

/** Runs a model with stored inputs and compares every output with the stored one. */
export async function compareWithStored(
  model: CompiledModel,
  folder: string,
  inputs: StoredFiles,
  outputs: StoredFiles,
): Promise<Comparison[]> {
  const request = model.createInferRequest();
  const given = Object.entries(inputs).map(([name, file]) => [name, storedTensor(join(folder, file))]);
  const computed = await request.infer(Object.fromEntries(given));
  request.dispose();
  return Object.entries(outputs).map(([name, file]) => {
    const stored = readNpy(join(folder, file));
    const { shape = [], data = [] } = computed[name] ?? {};
    const difference = relativeDifference(
      Float32Array.from(data, Number),
      Float32Array.from(stored.data, Number),
    );
    return { name, shape, storedShape: stored.shape, difference };
  });
}

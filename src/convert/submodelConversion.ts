import { join } from "node:path";
import { textEncoder2Graph, textEncoderGraph } from "../architectures/clipText.ts";
import { unetGraph } from "../architectures/unet.ts";
import { vaeDecoderGraph, vaeEncoderGraph } from "../architectures/vae.ts";
import type { WeightSource } from "../architectures/weights.ts";
import type { JsonObject } from "../checkpoints/boundedJson.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import type { MatrixProduct } from "../checkpoints/matrixProduct.ts";
import { withLoras } from "../checkpoints/mergedCheckpoint.ts";
import { openCheckpoint } from "../checkpoints/openCheckpoint.ts";
import type { Graph } from "../graph/graph.ts";
import { writeIr } from "../graph/ir/writeIr.ts";
import { compressWeights } from "../graph/passes/compressWeights.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { CheckpointWeights } from "./checkpointWeights.ts";
import type { SubmodelName } from "./conversion.ts";
import { networkOf, type SubmodelJob } from "./submodelJob.ts";

/** What a thread has for a job. */
export interface ConversionHooks {
  /** How matrices are multiplied; plain JavaScript where it is not given. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
  /** Called with the number of the checkpoint's bytes that were converted since the last call. */
  readonly onBytes: (count: number) => void;
}

/** The width of the pooled embedding that the UNet is conditioned on. */
function pooledWidth({ textEncoder2 }: Checkpoint): number {
  const width = textEncoder2?.config["projection_dim"];
  if (typeof width !== "number")
    throw new LimnerError("model-damaged", "The second text encoder's config.json has no projection_dim.");
  return width;
}

function buildGraph(
  submodel: SubmodelName,
  checkpoint: Checkpoint,
  config: JsonObject,
  weights: WeightSource,
): Graph {
  switch (submodel) {
    case "unet":
      return unetGraph(config, weights, pooledWidth(checkpoint));
    case "text_encoder":
      return textEncoderGraph(config, weights);
    case "text_encoder_2":
      return textEncoder2Graph(config, weights);
    case "vae_encoder":
      return vaeEncoderGraph(config, weights);
    case "vae_decoder":
      return vaeDecoderGraph(config, weights);
  }
}

/** Which submodel it is, and how its weights are stored. */
type StoredAs = Pick<SubmodelJob, "submodel" | "weights" | "groupSize">;

/** The graph with its weights stored as the job says; 4 bits are for the UNet only. */
function compressed(graph: Graph, { weights, submodel, groupSize }: StoredAs): Graph {
  if (weights === "fp32" || weights === "fp16") return graph;
  const isGrouped = weights === "int4" && submodel === "unet";
  return compressWeights(graph, isGrouped ? { kind: "int4", groupSize } : { kind: "int8" });
}

/**
 * The graph that a conversion writes of one submodel; its weights are read when it is written.
 * @param onBytes as in `ConversionHooks`
 * @throws CheckpointError, GraphError or ArchitectureError; LimnerError where the checkpoint has no such submodel
 */
export function submodelGraph(
  checkpoint: Checkpoint,
  stored: StoredAs,
  onBytes: ConversionHooks["onBytes"] = () => {},
): Graph {
  const { submodel, weights } = stored;
  const network = networkOf(checkpoint, submodel);
  if (!network) throw new LimnerError("conversion-failed", `The checkpoint has no ${submodel}.`);
  const source = new CheckpointWeights(network.tensors, { weights, onBytes });
  return compressed(buildGraph(submodel, checkpoint, network.config, source), stored);
}

/**
 * Writes one submodel of a checkpoint as `openvino_model.xml` and `.bin`.
 * @throws CheckpointError, GraphError or ArchitectureError with a sentence for the user
 */
export async function convertSubmodel(job: SubmodelJob, hooks: ConversionHooks): Promise<void> {
  const plain = await openCheckpoint(job.source, job.open);
  const { checkpoint } = await withLoras(plain, job.loras, hooks.product).catch(async (error: unknown) => {
    await plain.close();
    throw error;
  });
  try {
    const graph = submodelGraph(checkpoint, job, hooks.onBytes);
    const file = (extension: string) => join(job.folder, `openvino_model.${extension}`);
    await writeIr(graph, file("xml"), file("bin"), { signal: hooks.signal });
  } finally {
    await checkpoint.close();
  }
}

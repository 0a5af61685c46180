import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "../graph/graph.ts";
import { GraphError } from "../graph/graphError.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { writeDerivedXml } from "../graph/ir/writeIr.ts";
import type { ModelFiles } from "../openvino/runtime.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/** One change of an IR. */
export interface GraphChange {
  pass(graph: Graph): Graph;
  /** Begins the sentence where it cannot be done: "Embeddings cannot be used". */
  purpose: string;
}

/** Writes the `.xml` of a changed IR. @throws LimnerError `model-unsupported` where a pass cannot do its work */
async function writeChanged(
  { xml, bin }: { xml: string; bin: string },
  changes: readonly GraphChange[],
  derived: string,
): Promise<void> {
  let purpose = changes[0]?.purpose ?? "";
  try {
    let graph = await readIr(xml);
    for (const change of changes) {
      purpose = change.purpose;
      graph = change.pass(graph);
    }
    await writeDerivedXml(graph, derived, bin);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new LimnerError(
      "model-unsupported",
      `${purpose} with ${xml}: ${error.message} Export the model again.`,
      { cause: error },
    );
  }
}

/**
 * Runs a task with a changed IR. The `.xml` is a temporary one, which is gone when the task has ended; the `.bin` is
 * the model's own.
 * @param xml the submodel's `.xml`
 * @param changes in their order; without any, the task gets the model as it is
 * @throws LimnerError `model-unsupported` where the graph is not built as a pass needs it
 */
export async function withDerivedModel<T>(
  xml: string,
  changes: readonly GraphChange[],
  task: (files: ModelFiles) => Promise<T>,
): Promise<T> {
  if (changes.length === 0) return task({ xml });
  const bin = xml.replace(/\.xml$/, ".bin");
  const folder = await mkdtemp(join(tmpdir(), "limner-"));
  try {
    const derived = join(folder, "openvino_model.xml");
    await writeChanged({ xml, bin }, changes, derived);
    return await task({ xml: derived, bin });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "../graph/graph.ts";
import { GraphError } from "../graph/graphError.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { writeDerivedXml } from "../graph/ir/writeIr.ts";
import type { ModelFiles } from "../openvino/runtime.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/**
 * Runs a task with a changed IR. The `.xml` is a temporary one, which is gone when the task has ended; the `.bin` is
 * the model's own.
 * @param xml the submodel's `.xml`
 * @param pass what is to change
 * @param purpose begins the sentence where that cannot be done: "Embeddings cannot be used"
 * @throws LimnerError `model-unsupported` where the graph is not built as the pass needs it
 */
export async function withDerivedModel<T>(
  xml: string,
  pass: (graph: Graph) => Graph,
  purpose: string,
  task: (files: ModelFiles) => Promise<T>,
): Promise<T> {
  const bin = xml.replace(/\.xml$/, ".bin");
  const folder = await mkdtemp(join(tmpdir(), "limner-"));
  try {
    const derived = join(folder, "openvino_model.xml");
    try {
      await writeDerivedXml(pass(await readIr(xml)), derived, bin);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      throw new LimnerError(
        "model-unsupported",
        `${purpose} with ${xml}: ${error.message} Export the model again.`,
        {
          cause: error,
        },
      );
    }
    return await task({ xml: derived, bin });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vectorInputs } from "../conditioning/textEncoder.ts";
import { GraphError } from "../graph/graphError.ts";
import { readIr } from "../graph/ir/readIr.ts";
import { writeDerivedXml } from "../graph/ir/writeIr.ts";
import { takeTokenVectors } from "../graph/passes/tokenVectors.ts";
import type { ModelFiles } from "../openvino/runtime.ts";
import { LimnerError } from "../protocol/limnerError.ts";

/**
 * Runs a task with a text encoder's IR that has the `vectorInputs` too. The `.xml` is a temporary one, which is gone
 * when the task has ended; the `.bin` is the model's own.
 * @param xml the text encoder's `.xml`
 * @param width of its token vectors
 * @throws LimnerError `model-unsupported` where the encoder is not built as Optimum Intel exports it
 */
export async function withTokenVectors<T>(
  xml: string,
  width: number,
  task: (files: ModelFiles) => Promise<T>,
): Promise<T> {
  const bin = xml.replace(/\.xml$/, ".bin");
  const folder = await mkdtemp(join(tmpdir(), "limner-"));
  try {
    const derived = join(folder, "openvino_model.xml");
    try {
      await writeDerivedXml(takeTokenVectors(await readIr(xml), width, vectorInputs), derived, bin);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      throw new LimnerError(
        "model-unsupported",
        `Embeddings cannot be used with ${xml}: ${error.message}. Leave the embeddings out or export the model again.`,
        { cause: error },
      );
    }
    return await task({ xml: derived, bin });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

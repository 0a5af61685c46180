import { join } from "node:path";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { writeIr } from "../graph/ir/writeIr.ts";
import { readClipTokenizer, type TokenizerRole, writeTokenizerFiles } from "./tokenizerFiles.ts";
import { detokenizerGraph, tokenizerGraph } from "./tokenizerGraph.ts";

/** Writes one tokenizer's folder: its own files, and the graphs that GenAI runs. */
async function writeTokenizer(
  source: string | undefined,
  role: TokenizerRole,
  folder: string,
): Promise<void> {
  const tokenizer = await readClipTokenizer(source, role);
  await writeTokenizerFiles(tokenizer, folder);
  const graphs = {
    openvino_tokenizer: tokenizerGraph(tokenizer),
    openvino_detokenizer: detokenizerGraph(tokenizer),
  };
  for (const [name, graph] of Object.entries(graphs))
    await writeIr(graph, join(folder, `${name}.xml`), join(folder, `${name}.bin`));
}

/** Writes the tokenizers of the text encoders that a checkpoint has. */
export async function writeTokenizers(checkpoint: Checkpoint, folder: string): Promise<void> {
  const { first, second } = checkpoint.tokenizers;
  if (checkpoint.textEncoder) await writeTokenizer(first, "first", join(folder, "tokenizer"));
  if (checkpoint.textEncoder2) await writeTokenizer(second, "second", join(folder, "tokenizer_2"));
}

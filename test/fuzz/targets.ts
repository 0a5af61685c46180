import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { CheckpointError } from "../../src/checkpoints/checkpointError.ts";
import { isFloat, readFloats } from "../../src/checkpoints/floatValues.ts";
import { withLoras } from "../../src/checkpoints/mergedCheckpoint.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import { openSafetensors, type TensorSet } from "../../src/checkpoints/safetensorsFile.ts";
import { openSharded } from "../../src/checkpoints/shardedFile.ts";
import { readTextualInversion } from "../../src/checkpoints/textualInversion.ts";
import { GraphError } from "../../src/graph/graphError.ts";
import { readIr } from "../../src/graph/ir/readIr.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import { compressWeights } from "../../src/graph/passes/compressWeights.ts";
import { f32, safetensorsBytes } from "../checkpoints/safetensorsWriter.ts";

/** A kind of file that is read from strangers. */
export interface FuzzTarget {
  readonly name: string;
  /** A sound file, which is damaged before it is read. */
  readonly sound: Buffer;
  readonly isSafetensors: boolean;
  /** Reads all there is in a file. It ends, or throws one of the errors in `expected`. */
  read(path: string): Promise<void>;
  readonly expected: readonly (new (...args: never[]) => Error)[];
}

const fixtures = "test/fixtures/convert/sdxl-like";

/** Reads every value of every tensor. */
async function readAll(set: TensorSet): Promise<void> {
  for (const tensor of set.tensors.values()) {
    if (isFloat(tensor.dataType)) await readFloats(tensor);
    else await tensor.read(0, new Uint8Array(tensor.byteLength));
  }
}

async function using<T extends { close(): Promise<void> }>(opened: T, task: (it: T) => Promise<void>) {
  await task(opened).finally(() => opened.close());
}

const smallTensors = safetensorsBytes(
  {
    "text_model.embeddings.weight": f32([4, 6], Array(24).fill(0.5)),
    bias: { dtype: "F16", shape: [6] },
    count: { dtype: "I64", shape: [1, 3] },
    scalar: { dtype: "BF16", shape: [] },
  },
  { format: "pt" },
);

/** All targets; files that a target needs beside the damaged one are written into `folder`. */
export function fuzzTargets(folder: string): FuzzTarget[] {
  writeFileSync(join(folder, "model-00001-of-00002.safetensors"), smallTensors);
  writeFileSync(join(folder, "model-00002-of-00002.safetensors"), safetensorsBytes({ b: f32([1], [2]) }));
  const index = {
    metadata: { total_size: 130 },
    weight_map: { bias: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
  };
  const expected = [CheckpointError];
  let opened: Promise<Checkpoint> | undefined;
  const plain = () => {
    // It stays open for all cases; merged checkpoints close what they are made of.
    opened ??= openCheckpoint(join(fixtures, "source")).then((it) => ({ ...it, close: async () => {} }));
    return opened;
  };
  return [
    {
      name: "safetensors",
      sound: Buffer.from(smallTensors),
      isSafetensors: true,
      expected,
      read: async (path) => using(await openSafetensors(path), readAll),
    },
    {
      name: "shard index",
      sound: Buffer.from(JSON.stringify(index, null, 1)),
      isSafetensors: false,
      expected,
      read: async (path) => using(await openSharded(path), readAll),
    },
    {
      name: "single-file checkpoint",
      sound: readFileSync(join(fixtures, "single-file.safetensors")),
      isSafetensors: true,
      expected,
      read: async (path) =>
        using(await openCheckpoint(path, { configuration: join(fixtures, "source") }), async () => {}),
    },
    {
      name: "LoRA",
      sound: readFileSync(join(fixtures, "lora", "kohya-sgm.safetensors")),
      isSafetensors: true,
      expected,
      read: async (path) => {
        const { checkpoint } = await withLoras(await plain(), [{ file: path, scale: 1 }]);
        await using(checkpoint, async ({ textEncoder }) => {
          for (const tensor of textEncoder?.tensors.values() ?? []) await readFloats(tensor);
        });
      },
    },
    {
      name: "IR",
      sound: readFileSync("test/fixtures/tiny-sdxl/vae_encoder/openvino_model.xml"),
      isSafetensors: false,
      expected: [GraphError],
      read: async (path) => {
        const bin = "test/fixtures/tiny-sdxl/vae_encoder/openvino_model.bin";
        const graph = compressWeights(await readIr(path, bin), { kind: "int8" });
        await writeIr(graph, join(folder, "written.xml"), join(folder, "written.bin"));
      },
    },
    {
      name: "textual inversion",
      sound: Buffer.from(
        safetensorsBytes({ clip_l: f32([2, 4], Array(8).fill(1)), clip_g: f32([2, 3], Array(6).fill(1)) }),
      ),
      isSafetensors: true,
      expected,
      read: async (path) => {
        await readTextualInversion(path);
      },
    },
  ];
}

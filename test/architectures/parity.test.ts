import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textEncoder2Graph, textEncoderGraph } from "../../src/architectures/clipText.ts";
import { unetGraph } from "../../src/architectures/unet.ts";
import { vaeDecoderGraph, vaeEncoderGraph } from "../../src/architectures/vae.ts";
import type { WeightRole } from "../../src/architectures/weights.ts";
import type { Checkpoint, Submodel } from "../../src/checkpoints/checkpoint.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { CompiledModel, Port, Runtime } from "../../src/openvino/runtime.ts";
import { type CheckpointWeights, checkpointWeights } from "./checkpointWeights.ts";
import { compareWithStored, compileGraph, type StoredFiles } from "./storedRun.ts";

// Folders and outputs come from test/reference/make_converter_fixtures.py: tiny random pipelines, and what diffusers
// and transformers compute with them in float32.
const fixtures = join(process.cwd(), "test/fixtures/convert");
const pipelines = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

interface Index {
  inputs: Record<string, StoredFiles>;
  outputs: Record<string, StoredFiles>;
}

interface ExportedPort {
  names: string[];
  shape: string;
  type: string;
}

type Export = Record<string, { inputs: ExportedPort[]; outputs: ExportedPort[] }>;

function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(fixtures, ...path), "utf8")) as T;
}

let runtime: Runtime;
let folder: string;

beforeAll(async () => {
  runtime = await openRuntime();
  folder = await mkdtemp(join(tmpdir(), "limner-architectures-"));
});

afterAll(async () => {
  runtime?.dispose();
  await rm(folder, { recursive: true, force: true });
});

function present(submodel: Submodel | undefined): Submodel {
  if (submodel === undefined) throw new Error("the pipeline has no such submodel");
  return submodel;
}

/** The graph of a submodel, and the weights that it took. */
function build(checkpoint: Checkpoint, name: string): { graph: Graph; weights: CheckpointWeights } {
  const part = { text_encoder: "textEncoder", text_encoder_2: "textEncoder2", unet: "unet" } as const;
  const key = name in part ? part[name as keyof typeof part] : "vae";
  const submodel = present(checkpoint[key]);
  const weights = checkpointWeights(submodel);
  const { config } = submodel;
  switch (name) {
    case "text_encoder":
      return { graph: textEncoderGraph(config, weights), weights };
    case "text_encoder_2":
      return { graph: textEncoder2Graph(config, weights), weights };
    case "unet": {
      const textWidth = Number(checkpoint.textEncoder2?.config["projection_dim"]);
      return { graph: unetGraph(config, weights, textWidth), weights };
    }
    case "vae_encoder":
      return { graph: vaeEncoderGraph(config, weights), weights };
    default:
      return { graph: vaeDecoderGraph(config, weights), weights };
  }
}

function portText({ name, type, shape }: Port): string {
  return `${name} ${type} [${shape?.map((dimension) => (dimension < 0 ? "?" : dimension)).join(",")}]`;
}

/** Optimum's port, with open dimensions as `?`: its `1..` says more than a runtime needs. */
function exportedText({ names, type, shape }: ExportedPort): string {
  return `${names.join(" ")} ${type} ${shape.replace(/\d+\.\./g, "?")}`;
}

/** What a weight is for, told by its name and dimensions. */
function roleOf(name: string, dimensions: number): WeightRole {
  if (name.includes("_embedding.weight") && name.includes("text_model")) return "embedding";
  if (/(norm\d?|layer_norm\d|final_layer_norm|conv_norm_out|group_norm)\.(weight|bias)$/.test(name))
    return "norm";
  if (name.endsWith(".bias")) return "bias";
  return dimensions === 4 ? "convolution" : "linear";
}

describe.each(pipelines)("the networks of %s", (pipeline) => {
  const index = readJson<Index>(pipeline, "index.json");
  const exported = readJson<Export>(pipeline, "optimum.json");
  const names = Object.keys(index.outputs);
  const models = new Map<string, CompiledModel>();
  const weights = new Map<string, CheckpointWeights>();
  let checkpoint: Checkpoint;

  beforeAll(async () => {
    checkpoint = await openCheckpoint(join(fixtures, pipeline, "source"));
    for (const name of names) {
      const built = build(checkpoint, name);
      weights.set(name, built.weights);
      models.set(name, await compileGraph(runtime, built.graph, folder, `${pipeline}-${name}`));
    }
  });

  afterAll(async () => {
    for (const model of models.values()) model.dispose();
    await checkpoint?.close();
  });

  test.each(names)("%s computes what torch computes", async (name) => {
    const model = models.get(name);
    if (model === undefined) throw new Error(`${name} was not built`);
    const folder = join(fixtures, pipeline, "outputs");
    const { inputs, outputs } = index;
    const all = await compareWithStored(model, folder, inputs[name] ?? {}, outputs[name] ?? {});
    for (const { name: output, shape, storedShape, difference } of all) {
      expect(shape, output).toEqual(storedShape);
      expect(difference, output).toBeLessThan(1e-5);
    }
  });

  test.each(names)("%s has the inputs and outputs of Optimum's export, in their order", (name) => {
    const model = models.get(name);
    // Optimum fixes the number of tokens; open, longer prompts need no reshape.
    const inputs = exported[name]?.inputs.map((port) => exportedText(port).replace("[?,77,", "[?,?,"));
    expect(model?.inputs.map(portText)).toEqual(inputs);
    expect(model?.outputs.map(portText)).toEqual(exported[name]?.outputs.map(exportedText));
  });

  test("every weight of the checkpoint is taken, once, for what it is", () => {
    const parts = [checkpoint.unet, checkpoint.textEncoder, checkpoint.textEncoder2, checkpoint.vae];
    const all = parts.flatMap((part) => [...(part?.tensors ?? [])]);
    const taken = [...weights.values()].flatMap((source) => [...source.taken]);
    const expected = all.map(([name, { shape }]) => [name, roleOf(name, shape.length)]);
    expect(taken.sort()).toEqual(expected.sort());
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textEncoder2Graph, textEncoderGraph } from "../../src/architectures/clipText.ts";
import { unetGraph } from "../../src/architectures/unet.ts";
import { vaeDecoderGraph, vaeEncoderGraph } from "../../src/architectures/vae.ts";
import type { Checkpoint, Submodel } from "../../src/checkpoints/checkpoint.ts";
import { openCheckpoint } from "../../src/checkpoints/openCheckpoint.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { writeIr } from "../../src/graph/ir/writeIr.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { CompiledModel, Port, Runtime } from "../../src/openvino/runtime.ts";
import { f32, i64, type Tensor } from "../../src/openvino/tensor.ts";
import { relativeDifference } from "../support/difference.ts";
import { readNpy } from "../support/npy.ts";
import { type CheckpointWeights, checkpointWeights } from "./checkpointWeights.ts";

// Folders and outputs come from test/reference/make_converter_fixtures.py: tiny random pipelines, and what diffusers
// and transformers compute with them in float32.
const fixtures = join(process.cwd(), "test/fixtures/convert");
const pipelines = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
const exact = { INFERENCE_PRECISION_HINT: "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE: "0" };

interface Index {
  inputs: Record<string, Record<string, string>>;
  outputs: Record<string, Record<string, string>>;
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

function tensorOf(file: string): Tensor {
  const { shape, data } = readNpy(file);
  if (data instanceof Float32Array) return f32(shape, data);
  if (data instanceof BigInt64Array) return i64(shape, data);
  throw new Error(`${file} holds bytes`);
}

async function compile(graph: Graph, name: string): Promise<CompiledModel> {
  const xml = join(folder, `${name}.xml`);
  await writeIr(graph, xml, join(folder, `${name}.bin`));
  return runtime.compile({ xml }, { properties: exact });
}

function portText({ name, type, shape }: Port): string {
  return `${name} ${type} [${shape?.map((dimension) => (dimension < 0 ? "?" : dimension)).join(",")}]`;
}

/** Optimum's port, with open dimensions as `?`: its `1..` says more than a runtime needs. */
function exportedText({ names, type, shape }: ExportedPort): string {
  return `${names.join(" ")} ${type} ${shape.replace(/\d+\.\./g, "?")}`;
}

describe.each(pipelines)("the networks of %s", (pipeline) => {
  const index = readJson<Index>(pipeline, "index.json");
  const exported = readJson<Export>(pipeline, "optimum.json");
  let checkpoint: Checkpoint;

  beforeAll(async () => {
    checkpoint = await openCheckpoint(join(fixtures, pipeline, "source"));
  });

  afterAll(async () => {
    await checkpoint?.close();
  });

  test.each(Object.keys(index.outputs))("%s computes what torch computes", async (name) => {
    const { graph } = build(checkpoint, name);
    const model = await compile(graph, `${pipeline}-${name}`);
    const stored = (file: string) => join(fixtures, pipeline, "outputs", file);
    const inputs = Object.entries(index.inputs[name] ?? {}).map(([key, file]) => [
      key,
      tensorOf(stored(file)),
    ]);
    const request = model.createInferRequest();
    const outputs = await request.infer(Object.fromEntries(inputs));
    const references = Object.entries(index.outputs[name] ?? {});
    expect(Object.keys(outputs)).toEqual(references.map(([key]) => key));
    for (const [key, file] of references) {
      const reference = readNpy(stored(file));
      expect(outputs[key]?.shape, key).toEqual(reference.shape);
      const values = Float32Array.from(outputs[key]?.data ?? [], Number);
      const difference = relativeDifference(values, Float32Array.from(reference.data, Number));
      if (process.env["SHOW"]) console.log(pipeline, name, key, difference);
      expect(difference, key).toBeLessThan(1e-4);
    }
    request.dispose();
    model.dispose();
  });

  test.each(Object.keys(index.outputs))("%s has the inputs and outputs of Optimum's export", async (name) => {
    const { graph } = build(checkpoint, name);
    const model = await compile(graph, `${pipeline}-${name}-ports`);
    const export_ = exported[name];
    // Optimum fixes the number of tokens; open, longer prompts need no reshape.
    const inputs = export_?.inputs.map((port) => exportedText(port).replace("[?,77,", "[?,?,"));
    expect(model.inputs.map(portText)).toEqual(inputs);
    expect(model.outputs.map(portText)).toEqual(export_?.outputs.map(exportedText));
    model.dispose();
  });

  test("every weight of the checkpoint is used, once, in the role that it has", () => {
    const parts = ["unet", "textEncoder", "textEncoder2"] as const;
    const names = { unet: "unet", textEncoder: "text_encoder", textEncoder2: "text_encoder_2" };
    for (const part of parts) {
      const submodel = checkpoint[part];
      if (submodel === undefined) continue;
      const { taken } = build(checkpoint, names[part]).weights;
      expect([...taken.keys()].sort()).toEqual([...submodel.tensors.keys()].sort());
    }
    const halves = ["vae_encoder", "vae_decoder"].flatMap((name) => [
      ...build(checkpoint, name).weights.taken.keys(),
    ]);
    expect(halves.sort()).toEqual([...checkpoint.vae.tensors.keys()].sort());
  });
});

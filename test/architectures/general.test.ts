import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textEncoder2Graph } from "../../src/architectures/clipText.ts";
import { unetGraph } from "../../src/architectures/unet.ts";
import { openSafetensors } from "../../src/checkpoints/safetensorsFile.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { checkpointWeights } from "./checkpointWeights.ts";
import { compareWithStored, compileGraph, type StoredFiles } from "./storedRun.ts";

// Single networks by test/reference/make_architecture_fixtures.py, with settings that no published SDXL model needs.
const fixtures = join(process.cwd(), "test/fixtures/architectures");

const cases = [
  {
    name: "unet-asymmetric",
    what: "depths and layers that differ within blocks and between down and up, a plain middle, no padding, sizes that do not halve",
  },
  { name: "unet-without-middle", what: "no middle, attention on one side only, sizes that do not halve" },
  {
    name: "text-encoder-end-token",
    what: "an end token that is not the highest, repeated, or missing; texts shorter than the positions",
  },
];

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

function readJson(...path: string[]): Record<string, StoredFiles> {
  return JSON.parse(readFileSync(join(fixtures, ...path), "utf8"));
}

describe("networks of general form", () => {
  test.each(cases)("$name computes what torch computes: $what", async ({ name }) => {
    const isUnet = name.startsWith("unet");
    const file = isUnet ? "diffusion_pytorch_model.safetensors" : "model.safetensors";
    const weightFile = await openSafetensors(join(fixtures, name, file));
    const config = readJson(name, "config.json");
    const weights = checkpointWeights(weightFile);
    const graph = isUnet ? unetGraph(config, weights, 6) : textEncoder2Graph(config, weights);
    const model = await compileGraph(runtime, graph, folder, name);
    const { inputs = {}, outputs = {} } = readJson(name, "index.json");
    const all = await compareWithStored(model, join(fixtures, name), inputs, outputs);
    model.dispose();
    await weightFile.close();
    expect([...weights.taken.keys()].sort()).toEqual([...weightFile.tensors.keys()].sort());
    for (const { name: output, shape, storedShape, difference } of all) {
      expect(shape, output).toEqual(storedShape);
      expect(difference, output).toBeLessThan(1e-5);
    }
  });
});

// The weights of converted folders, byte for byte against those that NNCF makes of Optimum's export.
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { submodelNames } from "../../src/convert/conversion.ts";
import { convertModel } from "../../src/convert/convertModel.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { readAllData } from "../../src/graph/ir/readData.ts";
import { readIr } from "../../src/graph/ir/readIr.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { fixtures } from "./convertedModel.ts";

interface StoredConstant {
  type: string;
  shape: number[];
  sha256: string;
}
interface StoredLayer {
  parameter: string;
  weight: StoredConstant;
  zeroPoint?: StoredConstant;
  scale: StoredConstant;
}
type Submodels = (typeof submodelNames)[number];

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function storedLayers(pipeline: string, mode: string): Partial<Record<Submodels, StoredLayer[]>> {
  return JSON.parse(readFileSync(join(fixtures, pipeline, "compression", `${mode}.json`), "utf8"));
}

function constant(graph: Graph, name: string): Node {
  const node = graph.nodes.find((one) => one.type === "Const" && one.name === name);
  if (!node) throw new Error(`there is no constant ${name}`);
  return node;
}

async function describeConstant({ outputs, data }: Node): Promise<StoredConstant> {
  if (!data) throw new Error("a constant without data");
  const sha256 = createHash("sha256")
    .update(await readAllData(data))
    .digest("hex")
    .slice(0, 16);
  return { type: outputs[0]?.type ?? "", shape: [...(outputs[0]?.shape ?? [])], sha256 };
}

/** Only what is compared: files that also hold the bytes say where. */
const plain = ({ type, shape, sha256 }: StoredConstant) => ({ type, shape, sha256 });

async function expectSameLayers(
  out: string,
  submodel: Submodels,
  layers: readonly StoredLayer[],
): Promise<void> {
  const graph = await readIr(join(out, submodel, "openvino_model.xml"));
  const compressed = graph.nodes.filter(({ name, type }) => type === "Const" && name.endsWith("/scale"));
  expect(compressed.length, submodel).toBe(layers.length);
  for (const { parameter, weight, zeroPoint, scale } of layers) {
    expect(await describeConstant(constant(graph, parameter)), parameter).toEqual(plain(weight));
    expect(await describeConstant(constant(graph, `${parameter}/scale`)), parameter).toEqual(plain(scale));
    if (zeroPoint)
      expect(await describeConstant(constant(graph, `${parameter}/zero_point`))).toEqual(plain(zeroPoint));
  }
}

describe("int8 weights, scales and zero points are NNCF's", () => {
  it.each(["sdxl-like", "conv-projection"])("%s", async (pipeline) => {
    const out = join(folder, pipeline);
    await convertModel({ source: join(fixtures, pipeline, "source"), out });
    const stored = storedLayers(pipeline, "int8_asym");
    for (const submodel of submodelNames) await expectSameLayers(out, submodel, stored[submodel] ?? []);
  });
});

describe("int4 weights and scales are NNCF's in the UNet, int8 elsewhere", () => {
  it.each([8, 16])("in groups of %i", async (groupSize) => {
    const out = join(folder, `int4-${groupSize}`);
    const source = join(fixtures, "sdxl-like", "source");
    await convertModel({ source, out, weights: "int4", groupSize });
    const int8 = storedLayers("sdxl-like", "int8_asym");
    const layers = storedLayers("sdxl-like", `int4_sym_${groupSize}`);
    // A layer that is as in the int8 file is not described again.
    const byName = new Map((int8.unet ?? []).map((layer) => [layer.parameter, layer]));
    const unet = (layers.unet ?? []).map((layer) => (layer.weight ? layer : byName.get(layer.parameter)));
    await expectSameLayers(
      out,
      "unet",
      unet.filter((layer) => layer !== undefined),
    );
    await expectSameLayers(out, "vae_decoder", int8.vae_decoder ?? []);
    await expectSameLayers(out, "text_encoder_2", int8.text_encoder_2 ?? []);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import { held, keepPrecisionMark } from "../../../src/graph/constantNode.ts";
import type { ElementType } from "../../../src/graph/elementType.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { readAllData } from "../../../src/graph/ir/readData.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { compressWeights, type WeightCompression } from "../../../src/graph/passes/compressWeights.ts";
import { halfConstants } from "../../../src/graph/passes/halfConstants.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32, i64 } from "../../../src/openvino/tensor.ts";
import { relativeDifference } from "../../support/difference.ts";
import { readFloats } from "../../support/npy.ts";
import { floatsOf, inferGraph } from "../support/inference.ts";
import { tinySubmodel } from "../support/tinyUnet.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

const table = [1, -1, 0.5, 0.25, 0, 2];
const weight = [-8, 7, 1, 2, 4, -0.5, 3, 0];

/** ids [n] → rows of a table [3,2] → a linear layer [4,2] → [n,4] → another one [4,4]. */
function embedded(): Graph {
  const builder = new GraphBuilder("embedded");
  const ids = builder.parameter("ids", "i64", [-1]);
  const rows = builder.f32(table, "table", [3, 2]);
  const embedding = builder.add("Gather", [rows, ids, builder.i64(0)], { batch_dims: 0 }, "embedding");
  const linear = (input: typeof ids, name: string, values: readonly number[], shape: readonly number[]) => {
    const attributes = { transpose_a: false, transpose_b: true };
    return builder.add("MatMul", [input, builder.f32(values, `${name}.weight`, shape)], attributes, name);
  };
  const hidden = linear(embedding, "first", weight, [4, 2]);
  builder.result(linear(hidden, "last", [...weight, ...weight], [4, 4]), "y");
  return builder.build();
}

/** Node names and types on the way from a constant to its layer. */
function chain(graph: Graph, constant: string): string[] {
  const steps: string[] = [];
  let node = graph.nodes.find(({ name }) => name === constant);
  while (node !== undefined && !["MatMul", "Gather", "Convolution"].includes(node.type)) {
    const { id, name, type, outputs } = node;
    const isOwnName = name.startsWith(constant);
    steps.push(`${type} ${outputs[0]?.type}${isOwnName ? ` ${name}` : ""}`);
    node = graph.nodes.find(({ inputs }) => inputs.some((input) => input?.node === id));
  }
  return steps;
}

const numbers = async (graph: Graph, name: string) => {
  const data = graph.nodes.find((node) => node.name === name)?.data;
  return data ? [...(await readAllData(data))] : undefined;
};

describe("weights in int8", () => {
  it("are laid out and named as NNCF does", () => {
    const graph = compressWeights(embedded(), { kind: "int8" });
    expect(chain(graph, "first.weight")).toEqual([
      "Const u8 first.weight",
      "Convert f16",
      "Subtract f16 first.weight/zero_point/subtract",
      "Multiply f16 first.weight/fq_weights_1",
      "Convert f32 first.weight/fq_weights_1/convert",
    ]);
    expect(chain(graph, "table").at(-1)).toBe("Convert f32 table/fq_weights_0/convert");
    const shapes = graph.nodes
      .filter(({ name }) => name.startsWith("first.weight"))
      .map(({ outputs }) => outputs[0]?.shape);
    expect(shapes.slice(0, 3)).toEqual([
      [4, 2],
      [4, 1],
      [4, 1],
    ]);
  });

  it("follow the rule: the range includes zero", async () => {
    const graph = compressWeights(embedded(), { kind: "int8" });
    // Rows [-8,7], [1,2], [4,-0.5], [3,0]; scale (hi-lo)/255.
    expect(await numbers(graph, "first.weight/zero_point")).toEqual([136, 0, 28, 0]);
    expect(await numbers(graph, "first.weight")).toEqual([0, 255, 127, 255, 255, 0, 255, 0]);
  });

  it("compute nearly the same in a graph of our own", async () => {
    const inputs = { ids: i64([3], [0, 1, 2]) };
    const exact = floatsOf(await inferGraph(runtime, embedded(), inputs), "y");
    const small = floatsOf(
      await inferGraph(runtime, compressWeights(embedded(), { kind: "int8" }), inputs),
      "y",
    );
    expect(relativeDifference(small, exact)).toBeLessThan(0.01);
  });

  it("keep a half constant's own conversion", () => {
    const graph = compressWeights(halfConstants(embedded()), { kind: "int8" });
    expect(chain(graph, "first.weight_compressed").slice(-2)).toEqual([
      "Multiply f16 first.weight_compressed/fq_weights_1",
      "Convert f32",
    ]);
  });
});

describe("weights in int4", () => {
  const compression: WeightCompression = { kind: "int4", groupSize: 2 };

  it("are laid out and named as NNCF does, the last layer and embeddings in int8", () => {
    const graph = compressWeights(embedded(), compression);
    expect(chain(graph, "first.weight")).toEqual([
      "Const i4 first.weight",
      "Convert f16",
      "Multiply f16 first.weight/fq_weights_1",
      "Reshape f16",
      "Convert f32 first.weight/fq_weights_1/convert",
    ]);
    expect(chain(graph, "last.weight")[0]).toBe("Const u8 last.weight");
    expect(chain(graph, "table")[0]).toBe("Const u8 table");
    const all = compressWeights(embedded(), { ...compression, lastLayer: "int4" });
    expect(chain(all, "last.weight")[0]).toBe("Const i4 last.weight");
  });

  it("follow the rule: the side that reaches further becomes -8, low nibble first", async () => {
    const graph = compressWeights(embedded(), compression);
    // Groups [-8,7] scale 1, [1,2] scale -1/4, [4,-0.5] scale -1/2, [3,0] scale -3/8.
    expect(await numbers(graph, "first.weight")).toEqual([0x78, 0x8c, 0x18, 0x08]);
    const halves = Uint8Array.from((await numbers(graph, "first.weight/scale")) ?? []);
    expect([...new Uint16Array(halves.buffer)]).toEqual([0x3c00, 0xb400, 0xb800, 0xb600]);
  });

  it("compute what the rule says in OpenVINO", async () => {
    const builder = new GraphBuilder("linear");
    const x = builder.parameter("x", "f32", [-1, 2]);
    const w = builder.f32(weight, "w", [4, 2]);
    builder.result(builder.add("MatMul", [x, w], { transpose_a: false, transpose_b: true }), "y");
    const graph = compressWeights(builder.build(), { ...compression, lastLayer: "int4" });
    const outputs = await inferGraph(runtime, graph, { x: f32([2, 2], [1, 0, 0, 1]) });
    expect([...floatsOf(outputs, "y")]).toEqual([-8, 1, 4, 3, 7, 2, -0.5, 0]);
  });

  it("are int8 where the group does not divide a layer's input", () => {
    const graph = compressWeights(embedded(), { kind: "int4", groupSize: 4, lastLayer: "int4" });
    expect([chain(graph, "first.weight")[0], chain(graph, "last.weight")[0]]).toEqual([
      "Const u8 first.weight",
      "Const i4 last.weight",
    ]);
  });

  it("are refused in groups of an odd size", () => {
    expect(() => compressWeights(embedded(), { kind: "int4", groupSize: 7 })).toThrow("The group size is 7;");
  });
});

/** How many constants there are of a type. */
function count(graph: Graph, type: ElementType): number {
  return graph.nodes.filter((node) => node.type === "Const" && node.outputs[0]?.type === type).length;
}

describe("Optimum's IR, compressed", () => {
  it("has 8-bit weights for all 264 layers of the UNet", async () => {
    const graph = compressWeights(await readIr(tinySubmodel("unet").xml), { kind: "int8" });
    expect([count(graph, "u8"), count(graph, "f16")]).toEqual([2 * 264, 264]);
  });

  it("has 4-bit weights for the UNet's linear layers but the last", async () => {
    const graph = compressWeights(await readIr(tinySubmodel("unet").xml), { kind: "int4", groupSize: 8 });
    const linear = graph.nodes.filter(({ outputs }) => outputs[0]?.type === "i4");
    expect([linear.length, count(graph, "u8")]).toEqual([212, 2 * 52]);
    expect(linear.every(({ outputs }) => outputs[0]?.shape?.at(-1) === 8)).toBe(true);
    expect(chain(graph, "self.model.up_blocks.1.attentions.2.proj_out.weight")[0]).toContain("Const u8");
  });

  it("still decodes pictures", async () => {
    const latents = readFloats("test/fixtures/tiny-sdxl-outputs/vae-decoder-latents.npy");
    const picture = readFloats("test/fixtures/tiny-sdxl-outputs/vae-decoder-output.npy").data;
    const inputs = { latent_sample: f32(latents.shape, latents.data) };
    const graph = await readIr(tinySubmodel("vae_decoder").xml);
    const difference = async (changed: Graph) =>
      relativeDifference(floatsOf(await inferGraph(runtime, changed, inputs), "sample"), picture);
    expect(await difference(halfConstants(graph))).toBeLessThan(0.005);
    expect(await difference(compressWeights(graph, { kind: "int8" }))).toBeLessThan(0.05);
  });
});

describe("constants in half", () => {
  it("are clamped, and marked for the plugins; scalars and those that keep their precision stay", async () => {
    const builder = new GraphBuilder("halves");
    const x = builder.parameter("x", "f32", [-1, 2]);
    const shifted = builder.add("Add", [x, builder.f32([1e6, -1e6], "shift")], {});
    const scaled = builder.add("Multiply", [shifted, builder.f32(2, "two")], {});
    const data = held(Float32Array.of(1e-9, 1));
    const kept = builder.constant("f32", [2], data, "frequencies", keepPrecisionMark);
    builder.result(builder.add("Multiply", [scaled, kept], {}), "y");
    const graph = halfConstants(builder.build());
    expect(
      graph.nodes.filter(({ type }) => type === "Const").map(({ name, outputs }) => [name, outputs[0]?.type]),
    ).toEqual([
      ["shift_compressed", "f16"],
      ["two", "f32"],
      ["frequencies", "f32"],
    ]);
    const convert = graph.nodes.find(({ name }) => name === "shift");
    expect(convert?.rtInfo?.children).toMatchObject([{ attributes: { name: "decompression" } }]);
    const outputs = await inferGraph(runtime, graph, { x: f32([1, 2], [0, 0]) });
    expect([...floatsOf(outputs, "y")].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      0.000131, -131008,
    ]);
  });
});

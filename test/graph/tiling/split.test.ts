import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import { type Graph, nodesOfType } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { spatialReach } from "../../../src/graph/tiling/reach.ts";
import { splitDecoder, splitEncoder, tilePart } from "../../../src/graph/tiling/split.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32, i64 } from "../../../src/openvino/tensor.ts";
import { TorchGenerator } from "../../../src/random/torchGenerator.ts";
import { relativeDifference } from "../../support/difference.ts";
import { floatsOf, inferGraph } from "../support/inference.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

const ends = { input: "x", output: "y" };

/** Two groups of two channels each, normalized, scaled and shifted, as either of two exporters writes it. */
function normGraph(kind: "one operation" | "MVN in groups"): Graph {
  const builder = new GraphBuilder("norm");
  const x = builder.parameter("x", "f32", [1, 4, -1, -1]);
  const [scale, shift] = [
    [1, 2, 3, 4],
    [0.5, 0, -0.5, 1],
  ] as const;
  if (kind === "one operation") {
    const inputs = [x, builder.f32(scale), builder.f32(shift)] as const;
    const normal = builder.add("GroupNormalization", inputs, { num_groups: 2, epsilon: 1e-6 });
    builder.result(builder.add("Multiply", [normal, builder.f32(1)], {}), "y");
    return builder.build();
  }
  const grouped = builder.add("Reshape", [x, builder.i64([0, 2, -1])], { special_zero: true });
  const attributes = { eps: 1e-6, normalize_variance: true, eps_mode: "INSIDE_SQRT" } as const;
  const normal = builder.add("MVN", [grouped, builder.i64([2])], attributes);
  const like = builder.add("ShapeOf", [x], { output_type: "i64" });
  const image = builder.add("Reshape", [normal, like], { special_zero: false });
  const scaled = builder.add("Multiply", [image, builder.f32(scale, "scale", [1, 4, 1, 1])], {});
  builder.result(builder.add("Add", [scaled, builder.f32(shift, "shift", [1, 4, 1, 1])], {}), "y");
  const graph = builder.build();
  // A reader knows the shape that a reshape gives.
  const nodes = graph.nodes.map((node) =>
    node.id === grouped.node ? { ...node, outputs: [{ ...node.outputs[0], shape: [-1, 2, -1] }] } : node,
  );
  return { ...graph, nodes: nodes as Graph["nodes"] };
}

const image = f32([1, 4, 3, 5], new TorchGenerator(3).randn(60));

describe.each(["one operation", "MVN in groups"] as const)("a group norm as %s", (kind) => {
  const part = () => tilePart(normGraph(kind), ends);

  it("is the same by its own statistics, and tells them", async () => {
    const { graph, norms, names } = part();
    const [norm] = norms;
    if (!norm) throw new Error("there is no norm");
    expect(norm).toMatchObject({ groups: 2, epsilon: 1e-6 });
    const inputs = {
      x: image,
      [names.core]: i64([4], [0, 0, 3, 5]),
      [names.own]: f32([1], [1]),
      [norm.given]: f32([2, 3], [0, 1, 1e-6, 0, 1, 1e-6]),
    };
    const outputs = await inferGraph(runtime, graph, inputs);
    const reference = floatsOf(await inferGraph(runtime, normGraph(kind), { x: image }), "y");
    expect(relativeDifference(floatsOf(outputs, "y"), reference)).toBeLessThan(1e-5);
    const first = image.data.subarray(0, 30);
    const mean = first.reduce((a, b) => a + b) / 30;
    const variance = first.reduce((a, b) => a + (b - mean) ** 2, 0) / 30;
    const found = floatsOf(outputs, norm.found);
    expect(found[0]).toBeCloseTo(mean, 5);
    expect(found[1]).toBeCloseTo(variance, 5);
  });

  it("takes statistics that are given, and tells those of the core", async () => {
    const { graph, norms, names } = part();
    const [norm] = norms;
    if (!norm) throw new Error("there is no norm");
    const inputs = {
      x: image,
      [names.core]: i64([4], [1, 2, 2, 4]),
      [names.own]: f32([1], [0]),
      [norm.given]: f32([2, 3], [0.25, 4, 0, -1, 1, 0]),
    };
    const outputs = await inferGraph(runtime, graph, inputs);
    const y = floatsOf(outputs, "y");
    const [x0, x3] = [image.data[0] ?? 0, image.data[45] ?? 0];
    expect(y[0]).toBeCloseTo((x0 - 0.25) / 2 + 0.5, 4);
    expect(y[45]).toBeCloseTo((x3 + 1) * 4 + 1, 4);
    const core = [7, 8, 22, 23].map((at) => image.data[at] ?? 0);
    const mean = core.reduce((a, b) => a + b) / 4;
    expect(floatsOf(outputs, norm.found)[0]).toBeCloseTo(mean, 5);
    expect(floatsOf(outputs, norm.found)[1]).toBeCloseTo(
      core.reduce((a, b) => a + (b - mean) ** 2, 0) / 4,
      5,
    );
  });
});

describe("how far a network looks", () => {
  const vae = (name: string, part: "encoder" | "decoder") =>
    readIr(path.join(name, `vae_${part}`, "openvino_model.xml"));
  const decoderEnds = { input: "latent_sample", output: "sample" };
  const encoderEnds = { input: "sample", output: "latent_parameters" };

  it.each(["models/limner-tiny", "test/fixtures/tiny-sdxl"])("is known of the VAE in %s", async (name) => {
    const decoder = splitDecoder(await vae(name, "decoder"), decoderEnds, 1);
    expect(nodesOfType(decoder.whole, "ScaledDotProductAttention").length).toBe(1);
    // Two blocks of two resnets each, with two convolutions a resnet, behind an enlargement each; the last one.
    // 6 rows at full resolution; at half of it 3 + 5 = 8, in the cells in front of it 4.
    expect(tilePart(decoder.tiled, decoder.tiledEnds)).toMatchObject({
      inputRows: 1,
      outputRows: 4,
      before: 4,
      after: 4,
    });
    const encoder = splitEncoder(await vae(name, "encoder"), encoderEnds, 2);
    expect(nodesOfType(encoder.whole, "ScaledDotProductAttention").length).toBe(1);
    // The last reduction looks 2 rows down; with a resnet's 2, that is 4 below at half resolution, 2 above; then
    // twice as many at full resolution, one more below, and 3 for the first convolution and resnet.
    expect(tilePart(encoder.tiled, encoder.tiledEnds)).toMatchObject({
      inputRows: 4,
      outputRows: 1,
      before: Math.ceil((2 * 2 + 3) / 4),
      after: Math.ceil((2 * (1 + 2) + 1 + 3) / 4),
    });
  });

  it("is refused where attention looks everywhere", async () => {
    const graph = await vae("test/fixtures/tiny-sdxl", "decoder");
    const [input] = nodesOfType(graph, "Parameter");
    if (!input) throw new Error("there is no input");
    expect(() => spatialReach(graph, input)).toThrow(/does not work place by place/);
  });

  it("is refused where an image is enlarged smoothly", () => {
    const builder = new GraphBuilder("smooth");
    const x = builder.parameter("x", "f32", [1, 4, -1, -1]);
    const attributes = {
      mode: "linear_onnx",
      shape_calculation_mode: "scales",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
      antialias: false,
      pads_begin: [0, 0],
      pads_end: [0, 0],
      cube_coeff: -0.75,
    } as const;
    builder.result(
      builder.add("Interpolate", [x, builder.f32([2, 2]), builder.i64([2, 3])], attributes),
      "y",
    );
    expect(() => tilePart(builder.build(), ends)).toThrow(/enlarges by "linear_onnx"/);
  });
});

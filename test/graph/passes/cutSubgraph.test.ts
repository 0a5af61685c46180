import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import { type Graph, nodesOfType } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { writeDerivedXml } from "../../../src/graph/ir/writeIr.ts";
import { cutSubgraph } from "../../../src/graph/passes/cutSubgraph.ts";
import { exposeTensor } from "../../../src/graph/passes/exposeTensor.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32 } from "../../../src/openvino/tensor.ts";
import { floatsOf, infer, inferGraph, temporaryFolder } from "../support/inference.ts";
import { tinySubmodel, unetCase } from "../support/tinyUnet.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

/** y = (a · 2 + b) · 3, the sum being "middle". */
function sums(): Graph {
  const builder = new GraphBuilder("sums");
  const a = builder.parameter("a", "f32", [-1]);
  const b = builder.parameter("b", "f32", [-1]);
  const double = builder.add("Multiply", [a, builder.f32(2)], {}, "double");
  const middle = builder.add("Add", [double, b], {}, "sum");
  builder.nameTensor(middle, "middle");
  builder.result(builder.add("Multiply", [middle, builder.f32(3)], {}), "y");
  return builder.build();
}

const a = f32([2], [1, 2]);
const b = f32([2], [10, 20]);

describe("an inner tensor that becomes an output", () => {
  it("comes behind the outputs that there are", async () => {
    const outputs = await inferGraph(runtime, exposeTensor(sums(), "middle", "feature"), { a, b });
    expect([...floatsOf(outputs, "y")]).toEqual([36, 72]);
    expect([...floatsOf(outputs, "feature")]).toEqual([12, 24]);
  });

  it("is found by its node's name, or by where it comes from", async () => {
    const outputs = await inferGraph(runtime, exposeTensor(sums(), "double", "twice"), { a, b });
    expect([...floatsOf(outputs, "twice")]).toEqual([2, 4]);
    const graph = sums();
    const node = graph.nodes.find(({ name }) => name === "double")?.id ?? -1;
    expect(exposeTensor(graph, { node, output: 0 }, "twice")).toEqual(exposeTensor(graph, "double", "twice"));
  });

  it("is refused under another tensor's name, or where it does not exist", () => {
    expect(() => exposeTensor(sums(), "middle", "y")).toThrow(
      'A tensor of the graph "sums" is named "y" already.',
    );
    expect(() => exposeTensor(sums(), "nowhere", "z")).toThrow('The graph "sums" has no tensor "nowhere".');
  });
});

describe("a graph cut between tensors", () => {
  it("computes the rest from the tensor that was cut", async () => {
    const rest = cutSubgraph(
      sums(),
      [{ tensor: "middle", name: "cache", shape: [-1] }],
      [{ tensor: "y", name: "y" }],
    );
    expect(nodesOfType(rest, "Parameter").map(({ name }) => name)).toEqual(["cache"]);
    expect([...floatsOf(await inferGraph(runtime, rest, { cache: f32([2], [5, 7]) }), "y")]).toEqual([
      15, 21,
    ]);
  });

  it("keeps the inputs of the model that the part needs, before its own", async () => {
    const cut = { tensor: "double", name: "cache", shape: [-1] };
    const part = cutSubgraph(sums(), [cut], [{ tensor: "middle", name: "sum" }]);
    expect(nodesOfType(part, "Parameter").map(({ name }) => name)).toEqual(["b", "cache"]);
    const outputs = await inferGraph(runtime, part, { b, cache: f32([2], [1, 1]) });
    expect([...floatsOf(outputs, "sum")]).toEqual([11, 21]);
  });

  it("is refused where an input is not needed, or its shape is unknown", () => {
    const outputs = [{ tensor: "double", name: "out" }];
    const shape = [-1];
    expect(() => cutSubgraph(sums(), [{ tensor: "middle", name: "cache", shape }], outputs)).toThrow(
      'None of the outputs of the cut depends on "cache".',
    );
    expect(() => cutSubgraph(sums(), [{ tensor: "middle", name: "cache" }], outputs)).toThrow(
      `The shape of the cut's input "cache" is not known; say it.`,
    );
  });

  it("splits Optimum's UNet at a deep feature into two graphs over one .bin, without a change in its output", async () => {
    const original = tinySubmodel("unet");
    const graph = await readIr(original.xml);
    // The last skip connection: the deep feature goes in first, conv_in's output second.
    const concat = graph.nodes.find(({ name }) => name === "__module.model.up_blocks.2/aten::cat/Concat_2");
    const feature = concat?.inputs[0];
    if (!feature) throw new Error("the UNet's last concatenation is not there");
    const folder = temporaryFolder();
    const full = { xml: path.join(folder, "full.xml"), bin: original.bin };
    const shallow = { xml: path.join(folder, "shallow.xml"), bin: original.bin };
    await writeDerivedXml(exposeTensor(graph, feature, "feature"), full.xml, full.bin);
    const part = cutSubgraph(
      graph,
      [{ tensor: feature, name: "feature" }],
      [{ tensor: "out_sample", name: "out_sample" }],
    );
    await writeDerivedXml(part, shallow.xml, shallow.bin);
    expect(part.nodes.length).toBeLessThan(graph.nodes.length / 4);

    const { inputs } = unetCase(481, "i64");
    const whole = await infer(runtime, full, inputs);
    const { sample, timestep, text_embeds, time_ids } = inputs;
    const rest = await infer(runtime, shallow, {
      sample,
      timestep,
      text_embeds,
      time_ids,
      feature: whole.feature,
    });
    expect([...floatsOf(rest, "out_sample")]).toEqual([...floatsOf(whole, "out_sample")]);
  });
});

import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { readIr } from "../../src/graph/ir/readIr.ts";
import { compressWeights } from "../../src/graph/passes/compressWeights.ts";
import { halfConstants } from "../../src/graph/passes/halfConstants.ts";
import { tallyWeights } from "../../src/models/weightTally.ts";
import { tinySubmodel } from "../graph/support/tinyUnet.ts";

/** A table [128,64], a linear layer [128,64] and a convolution [32,16,3,3], each with its input. */
function layers(): Graph {
  const builder = new GraphBuilder("layers");
  const constant = (name: string, shape: readonly number[]) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1)).map(
      (_, i) => i % 7,
    );
    return builder.f32(values, name, shape);
  };
  const ids = builder.parameter("ids", "i64", [-1]);
  const rows = builder.add(
    "Gather",
    [constant("table", [128, 64]), ids, builder.i64(0)],
    { batch_dims: 0 },
    "rows",
  );
  const linear = { transpose_a: false, transpose_b: true };
  builder.result(builder.add("MatMul", [rows, constant("linear", [128, 64])], linear, "product"), "product");
  const picture = builder.parameter("picture", "f32", [1, 16, -1, -1]);
  const window = { strides: [1, 1], dilations: [1, 1], pads_begin: [1, 1], pads_end: [1, 1] } as const;
  const kernel = constant("kernel", [32, 16, 3, 3]);
  builder.result(
    builder.add("Convolution", [picture, kernel], { ...window, auto_pad: "explicit" }, "conv"),
    "conv",
  );
  return builder.build();
}

const linearValues = 128 * 64;
const convolutionValues = 32 * 16 * 9;

describe("weights in memory", () => {
  it("are floats where the IR has floats, whole or half, but for tables", () => {
    for (const graph of [layers(), halfConstants(layers())]) {
      expect(tallyWeights(graph)).toMatchObject({
        packedBytes: 0,
        floatValues: linearValues + convolutionValues,
        expandedValues: 0,
      });
    }
  });

  it("stay compressed in linear layers only", () => {
    const int8 = tallyWeights(compressWeights(layers(), { kind: "int8" }));
    expect(int8).toMatchObject({
      packedBytes: linearValues,
      floatValues: 0,
      expandedValues: convolutionValues,
    });
    const int4 = compressWeights(layers(), { kind: "int4", groupSize: 32, lastLayer: "int4" });
    expect(tallyWeights(int4)).toMatchObject({
      packedBytes: linearValues / 2,
      expandedValues: convolutionValues,
    });
  });

  it("counts the nodes, and nothing that is small", async () => {
    const { xml } = tinySubmodel("unet");
    const graph = await readIr(xml);
    const tally = tallyWeights(graph);
    expect(tally.nodes).toBe(graph.nodes.length);
    const floats = graph.nodes
      .filter(({ type }) => type === "Const")
      .map(({ outputs }) => (outputs[0]?.shape ?? []).reduce((product, length) => product * length, 1))
      .filter((values) => values >= 4096)
      .reduce((sum, values) => sum + values, 0);
    expect(tally.floatValues).toBe(floats);
    expect([tally.packedBytes, tally.expandedValues]).toEqual([0, 0]);
  });
});

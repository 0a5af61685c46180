import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { timestepToFloat } from "../../../src/graph/passes/timestepToFloat.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32 } from "../../../src/openvino/tensor.ts";
import { relativeDifference } from "../../support/difference.ts";
import { floatsOf, inferGraph } from "../support/inference.ts";
import { tinySubmodel, unetCase } from "../support/tinyUnet.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

/** `timestep` [1] → [1,1] → f32 → times 2. */
function doubled(type: "i64" | "f32"): Graph {
  const builder = new GraphBuilder("doubled");
  const timestep = builder.parameter("timestep", type, [1]);
  const column = builder.add("Unsqueeze", [timestep, builder.i64(1)], {});
  const value = builder.add("Convert", [column], { destination_type: "f32" });
  builder.result(builder.add("Multiply", [value, builder.f32(2)], {}), "y");
  return builder.build();
}

describe("a timestep that becomes f32", () => {
  it("carries fractions through a graph of our own", async () => {
    const outputs = await inferGraph(runtime, timestepToFloat(doubled("i64")), {
      timestep: f32([1], [3.25]),
    });
    expect([...floatsOf(outputs, "y")]).toEqual([6.5]);
  });

  for (const timestep of [1, 481, 500.25]) {
    it(`gives Optimum's UNet what diffusers' computes at ${timestep}`, async () => {
      const graph = timestepToFloat(await readIr(tinySubmodel("unet").xml));
      const { inputs, output } = unetCase(timestep, "f32");
      const outputs = await inferGraph(runtime, graph, inputs);
      expect(relativeDifference(floatsOf(outputs, "out_sample"), output)).toBeLessThan(1e-4);
    });
  }

  it("leaves a graph alone whose timestep is f32", () => {
    const graph = doubled("f32");
    expect(timestepToFloat(graph)).toBe(graph);
  });

  it("is refused where something needs the integer", () => {
    const builder = new GraphBuilder("indexed");
    const timestep = builder.parameter("timestep", "i64", [1]);
    const table = builder.f32([1, 2, 3]);
    builder.result(
      builder.add("Gather", [table, timestep, builder.i64(0)], { batch_dims: 0 }, "look-up"),
      "y",
    );
    expect(() => timestepToFloat(builder.build())).toThrow(
      '"timestep" cannot become f32: "look-up" (Gather) needs it as i64.',
    );
  });

  it("is refused where there is no such input", () => {
    expect(() => timestepToFloat(doubled("i64"), "step")).toThrow(
      'The graph "doubled" has no tensor "step".',
    );
    expect(() => timestepToFloat(doubled("i64"), "y")).toThrow('"y" is not an input of the graph "doubled".');
  });
});

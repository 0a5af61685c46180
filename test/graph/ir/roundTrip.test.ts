import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Graph } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { binSize, writeDerivedXml, writeIr } from "../../../src/graph/ir/writeIr.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { booleans, f32 } from "../../../src/openvino/tensor.ts";
import { relativeDifference } from "../../support/difference.ts";
import { floatsOf, infer, temporaryFolder } from "../support/inference.ts";
import { tinySubmodel, unetCase } from "../support/tinyUnet.ts";

const branches = path.join(import.meta.dirname, "../../fixtures/graph/branches.xml");

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

/** A graph without where its constants are. */
function withoutPlaces(graph: Graph): unknown {
  return {
    ...graph,
    nodes: graph.nodes.map(({ data, bodies, ...node }) => ({
      ...node,
      size: data?.kind === "file" ? data.size : undefined,
      bodies: Object.entries(bodies ?? {}).map(([name, body]) => [name, withoutPlaces(body)]),
    })),
  };
}

describe("an IR that is read and written", () => {
  for (const name of ["unet", "text_encoder", "text_encoder_2", "vae_encoder", "vae_decoder"]) {
    it(`says the same: Optimum's ${name}`, async () => {
      const folder = temporaryFolder();
      const graph = await readIr(tinySubmodel(name).xml);
      await writeIr(graph, path.join(folder, "a.xml"), path.join(folder, "a.bin"));
      expect(withoutPlaces(await readIr(path.join(folder, "a.xml")))).toEqual(withoutPlaces(graph));
    });
  }

  it("keeps what it does not know: sub-graphs, port maps, rt_info", async () => {
    const folder = temporaryFolder();
    const graph = await readIr(branches);
    expect(graph.nodes.flatMap(({ bodies }) => Object.keys(bodies ?? {}))).toEqual([
      "then_body",
      "else_body",
      "body",
    ]);
    await writeIr(graph, path.join(folder, "a.xml"), path.join(folder, "a.bin"));
    expect(withoutPlaces(await readIr(path.join(folder, "a.xml")))).toEqual(withoutPlaces(graph));
  });

  for (const [condition, expected] of [
    [true, [11, 14]],
    [false, [16, 17]],
  ] as const) {
    it(`computes the same with sub-graphs whose constants moved: ${condition}`, async () => {
      const folder = temporaryFolder();
      const files = { xml: path.join(folder, "a.xml"), bin: path.join(folder, "a.bin") };
      await writeIr(await readIr(branches), files.xml, files.bin);
      const inputs = { x: f32([2], [1, 2]), cond: booleans([], [condition]) };
      expect([...floatsOf(await infer(runtime, files, inputs), "out,put")]).toEqual(expected);
    });
  }

  it("computes what diffusers computes: Optimum's UNet, with its own .bin and with the one it came with", async () => {
    const folder = temporaryFolder();
    const original = tinySubmodel("unet");
    const graph = await readIr(original.xml);
    const copy = { xml: path.join(folder, "a.xml"), bin: path.join(folder, "a.bin") };
    const derived = { xml: path.join(folder, "b.xml"), bin: original.bin };
    await writeIr(graph, copy.xml, copy.bin);
    await writeDerivedXml(graph, derived.xml, derived.bin);
    const { inputs, output } = unetCase(981, "i64");
    for (const files of [copy, derived]) {
      expect(
        relativeDifference(floatsOf(await infer(runtime, files, inputs), "out_sample"), output),
      ).toBeLessThan(1e-4);
    }
  });

  it("takes at most a constant's alignment more than Optimum's .bin", async () => {
    const graph = await readIr(tinySubmodel("unet").xml);
    const constants = graph.nodes.filter(({ type }) => type === "Const").length;
    expect(binSize(graph)).toBeLessThan(1513236 + 64 * constants);
  });
});

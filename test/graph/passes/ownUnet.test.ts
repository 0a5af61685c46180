import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { unetGraph } from "../../../src/architectures/unet.ts";
import { openCheckpoint } from "../../../src/checkpoints/openCheckpoint.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { writeDerivedXml, writeIr } from "../../../src/graph/ir/writeIr.ts";
import { cutSubgraph } from "../../../src/graph/passes/cutSubgraph.ts";
import { exposeTensor } from "../../../src/graph/passes/exposeTensor.ts";
import { timestepToFloat } from "../../../src/graph/passes/timestepToFloat.ts";
import { wrapConvolutions } from "../../../src/graph/passes/wrapConvolutions.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { ModelFiles, Runtime } from "../../../src/openvino/runtime.ts";
import { f32, type Tensor } from "../../../src/openvino/tensor.ts";
import { checkpointWeights } from "../../architectures/checkpointWeights.ts";
import { relativeDifference } from "../../support/difference.ts";
import { readFloats } from "../../support/npy.ts";
import { floatsOf, infer, temporaryFolder } from "../support/inference.ts";

const fixtures = path.join(import.meta.dirname, "../../fixtures/convert/sdxl-like");

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

/** The UNet that Limner builds of the checkpoint, written and read again. */
async function convertedUnet(): Promise<{ graph: Graph; bin: string; folder: string }> {
  const checkpoint = await openCheckpoint(path.join(fixtures, "source"));
  onTestFinished(() => checkpoint.close());
  const { unet, textEncoder2 } = checkpoint;
  if (!unet) throw new Error("the checkpoint has no UNet");
  const graph = unetGraph(
    unet.config,
    checkpointWeights(unet),
    Number(textEncoder2?.config["projection_dim"]),
  );
  const folder = temporaryFolder();
  const xml = path.join(folder, "unet.xml");
  const bin = path.join(folder, "unet.bin");
  await writeIr(graph, xml, bin);
  return { graph: await readIr(xml), bin, folder };
}

const stored = (name: string) => {
  const { shape, data } = readFloats(path.join(fixtures, "outputs", `unet-${name}.npy`));
  return f32(shape, data);
};

function inputsAt(timestep: number): Record<string, Tensor> {
  return {
    sample: stored("in-sample"),
    timestep: f32([1], [timestep]),
    encoder_hidden_states: stored("in-encoder_hidden_states"),
    text_embeds: stored("in-text_embeds"),
    time_ids: stored("in-time_ids"),
  };
}

/** The tensor that goes first into the last concatenation with a skip connection, and its channels. */
function deepFeature(graph: Graph) {
  const concat = graph.nodes
    .filter(({ type, attributes }) => type === "Concat" && attributes["axis"] === "1")
    .at(-1);
  const feature = concat?.inputs[0];
  if (!feature) throw new Error("the UNet has no skip connection");
  return feature;
}

async function write(
  graph: Graph,
  name: string,
  { bin, folder }: { bin: string; folder: string },
): Promise<ModelFiles> {
  const xml = path.join(folder, `${name}.xml`);
  await writeDerivedXml(graph, xml, bin);
  return { xml, bin };
}

describe("the UNet that Limner builds", () => {
  it("takes fractional timesteps, gives a feature away, and goes on from it over the same .bin", async () => {
    const unet = await convertedUnet();
    const graph = timestepToFloat(unet.graph);
    const feature = deepFeature(graph);
    const full = await write(exposeTensor(graph, feature, "feature"), "full", unet);
    const whole = await infer(runtime, full, inputsAt(481));
    expect(relativeDifference(floatsOf(whole, "out_sample"), stored("out-out_sample").data)).toBeLessThan(
      1e-4,
    );

    const shape = [-1, whole["feature"]?.shape[1] ?? 0, -1, -1];
    const part = cutSubgraph(
      graph,
      [{ tensor: feature, name: "feature", shape }],
      [{ tensor: "out_sample", name: "out_sample" }],
    );
    const shallow = await write(part, "shallow", unet);
    const { sample, timestep, text_embeds, time_ids } = inputsAt(481);
    const rest = { sample, timestep, text_embeds, time_ids, feature: whole["feature"] ?? f32([0], []) };
    expect([...floatsOf(await infer(runtime, shallow, rest), "out_sample")]).toEqual([
      ...floatsOf(whole, "out_sample"),
    ]);

    const later = await infer(runtime, full, inputsAt(481.5));
    const change = relativeDifference(floatsOf(later, "out_sample"), floatsOf(whole, "out_sample"));
    expect(change).toBeGreaterThan(1e-5);
  });

  it("moves with its input where its convolutions wrap around", async () => {
    const unet = await convertedUnet();
    const files = await write(wrapConvolutions(timestepToFloat(unet.graph), "x"), "wrapped", unet);
    const sample = stored("in-sample");
    const width = sample.shape[3];
    // By four columns, the network's stride, to the right.
    const moved = (values: Float32Array) =>
      values.map((_, index) => values[index - (index % width) + (((index % width) - 4 + width) % width)]);
    const still = floatsOf(await infer(runtime, files, inputsAt(481)), "out_sample");
    const inputs = { ...inputsAt(481), sample: f32(sample.shape, moved(sample.data)) };
    expect(
      relativeDifference(floatsOf(await infer(runtime, files, inputs), "out_sample"), moved(still)),
    ).toBeLessThan(1e-4);
  });
});

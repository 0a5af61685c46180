import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { GraphBuilder } from "../../../src/graph/builder.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { readIr } from "../../../src/graph/ir/readIr.ts";
import { writeDerivedXml } from "../../../src/graph/ir/writeIr.ts";
import { wrapConvolutions } from "../../../src/graph/passes/wrapConvolutions.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { f32, type Tensor } from "../../../src/openvino/tensor.ts";
import { relativeDifference } from "../../support/difference.ts";
import { readFloats } from "../../support/npy.ts";
import { exact, floatsOf, inferGraph, temporaryFolder } from "../support/inference.ts";
import { tinySubmodel, unetCase } from "../support/tinyUnet.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => runtime?.dispose());

/** One convolution `[1,1,h,w]` → `[1,1,h',w']` whose kernel has a one in each place, weighted by its number. */
function convolution(strides: number[], begin: number[], end: number[]): Graph {
  const builder = new GraphBuilder("convolution");
  const x = builder.parameter("x", "f32", [1, 1, -1, -1]);
  const kernel = builder.f32([1, 2, 3, 4, 5, 6, 7, 8, 9], "kernel", [1, 1, 3, 3]);
  const attributes = {
    strides,
    dilations: [1, 1],
    pads_begin: begin,
    pads_end: end,
    auto_pad: "explicit",
  } as const;
  builder.result(builder.add("Convolution", [x, kernel], attributes), "y");
  return builder.build();
}

/** The same by hand: indices outside wrap where they may, and read zero where they may not. */
function byHand(
  image: number[][],
  wrap: string,
  [strideY, strideX]: [number, number],
  begin: [number, number],
  end: [number, number],
): number[] {
  const height = image.length;
  const width = image[0].length;
  const at = (y: number, x: number) => {
    const row = wrap.includes("y") ? (y + height) % height : y;
    const column = wrap.includes("x") ? (x + width) % width : x;
    return image[row]?.[column] ?? 0;
  };
  const values: number[] = [];
  for (let y = -begin[0]; y + 3 <= height + end[0]; y += strideY) {
    for (let x = -begin[1]; x + 3 <= width + end[1]; x += strideX) {
      let sum = 0;
      for (let i = 0; i < 9; i++) sum += (i + 1) * at(y + Math.floor(i / 3), x + (i % 3));
      values.push(sum);
    }
  }
  return values;
}

const image = [
  [3, 1, 4, 1, 5, 9],
  [2, 6, 5, 3, 5, 8],
  [9, 7, 9, 3, 2, 3],
  [8, 4, 6, 2, 6, 4],
];

describe("a convolution that wraps around", () => {
  const cases = [
    { name: "padding 1", strides: [1, 1], begin: [1, 1], end: [1, 1] },
    { name: "stride 2", strides: [2, 2], begin: [1, 1], end: [1, 1] },
    {
      name: "padding at the end only, as the VAE's encoder has it",
      strides: [2, 2],
      begin: [0, 0],
      end: [1, 1],
    },
    { name: "padding 2 and 1", strides: [1, 1], begin: [2, 1], end: [1, 2] },
  ] satisfies { name: string; strides: [number, number]; begin: [number, number]; end: [number, number] }[];
  for (const { name, strides, begin, end } of cases) {
    for (const wrap of ["x", "y", "xy"] as const) {
      it(`reads the opposite edge: ${name}, along ${wrap}`, async () => {
        const graph = wrapConvolutions(convolution(strides, begin, end), wrap);
        const outputs = await inferGraph(runtime, graph, { x: f32([1, 1, 4, 6], image.flat()) });
        expect([...floatsOf(outputs, "y")]).toEqual(byHand(image, wrap, strides, begin, end));
      });
    }
  }

  it("is left alone where it has no padding", () => {
    const graph = convolution([1, 1], [0, 0], [0, 0]);
    expect(wrapConvolutions(graph, "xy").nodes.length).toBe(graph.nodes.length);
  });
});

/** The last two axes moved by whole pixels, what leaves at one edge coming back at the other. */
function rolled(
  values: Float32Array,
  height: number,
  width: number,
  down: number,
  right: number,
): Float32Array {
  return values.map((_, index) => {
    const plane = Math.floor(index / (height * width)) * height * width;
    const y = (Math.floor((index % (height * width)) / width) - down + height) % height;
    const x = ((index % width) - right + width) % width;
    return values[plane + y * width + x];
  });
}

/** What a model with wrapping convolutions computes for an input, and how its output moves with it. */
async function openWrapped(submodel: string, wrap: "x" | "y" | "xy") {
  const original = tinySubmodel(submodel);
  const xml = path.join(temporaryFolder(), "wrapped.xml");
  await writeDerivedXml(wrapConvolutions(await readIr(original.xml), wrap), xml, original.bin);
  const compiled = await runtime.compile({ xml, bin: original.bin }, { properties: exact });
  const request = compiled.createInferRequest();
  onTestFinished(() => {
    request.dispose();
    compiled.dispose();
  });
  return { run: (inputs: Record<string, Tensor>) => request.infer(inputs) };
}

// Nothing in these networks but their padding knows where the edges are: moving the picture by a multiple of the
// network's stride has to move the output alike.
describe("Optimum's models whose convolutions wrap around", () => {
  it("the UNet moves with its input along x, and still has edges along y", async () => {
    const { inputs } = unetCase(481, "i64");
    const { sample } = inputs;
    if (sample?.type !== "f32") throw new Error("the sample is f32");
    const [, , height, width] = sample.shape;
    const { run } = await openWrapped("unet", "x");
    const still = floatsOf(await run(inputs), "out_sample");
    const difference = async (down: number, right: number) => {
      const moved = f32(sample.shape, rolled(sample.data, height, width, down, right));
      const output = floatsOf(await run({ ...inputs, sample: moved }), "out_sample");
      return relativeDifference(output, rolled(still, height, width, down, right));
    };
    expect(await difference(0, 4)).toBeLessThan(1e-4);
    expect(await difference(4, 0)).toBeGreaterThan(1e-2);
  });

  it("the VAE's decoder moves with its input along both axes", async () => {
    const latents = readFloats("test/fixtures/tiny-sdxl-outputs/vae-decoder-latents.npy");
    const [, , height, width] = latents.shape;
    const { run } = await openWrapped("vae_decoder", "xy");
    const still = (await run({ latent_sample: f32(latents.shape, latents.data) })).sample;
    const moved = f32(latents.shape, rolled(latents.data, height, width, 3, 2));
    const outputs = await run({ latent_sample: moved });
    if (still?.type !== "f32") throw new Error("the picture is f32");
    const [, , rows, columns] = still.shape;
    const factor = rows / height;
    const expected = rolled(still.data, rows, columns, 3 * factor, 2 * factor);
    expect(relativeDifference(floatsOf(outputs, "sample"), expected)).toBeLessThan(1e-4);
  });
});

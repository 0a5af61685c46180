// A tiny random SDXL drawn by Limner and by diffusers (test/reference/make_outputs.py), both in float32.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { CompiledModel, Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { type DrawnImage, drawImages } from "../../src/pipelines/drawing.ts";
import { createUnet } from "../../src/pipelines/noisePrediction.ts";
import { type GenerateRequest, generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { largestDifference, relativeDifference } from "../support/difference.ts";
import { readFloats, readNpy } from "../support/npy.ts";

const outputs = "test/fixtures/tiny-sdxl-outputs";

interface Run {
  name: string;
  request: GenerateRequest;
  latents: string;
  image: string;
}
interface UnetCall {
  timestep: number;
  sample: string;
  encoderHiddenStates: string;
  textEmbeds: string;
  timeIds: string;
  output: string;
}
const index: { runs: Run[]; unet: UnetCall[] } = JSON.parse(
  readFileSync(join(outputs, "index.json"), "utf8"),
);

let runtime: Runtime;
let model: OpenModel;

beforeAll(async () => {
  runtime = await openRuntime();
  model = openModel(resolve("test/fixtures/tiny-sdxl"), runtime, { device: "CPU", precision: "f32" });
});

afterAll(async () => {
  await model?.dispose();
  runtime?.dispose();
});

/** diffusers cuts prompts at 77 tokens and takes brackets as text. */
const asDiffusersReads = { longPrompts: "cut", weighting: "off" } as const;

async function draw(request: GenerateRequest): Promise<DrawnImage[]> {
  const drawn: DrawnImage[] = [];
  const parameters = resolveRequest(
    generateRequestSchema.parse({ ...request, ...asDiffusersReads }),
    model.folder,
  );
  for await (const image of drawImages({ base: model.pipeline }, parameters)) drawn.push(image);
  return drawn;
}

/** Values per image of a stored batch. */
function part<T extends Float32Array | BigInt64Array | Uint8Array>(data: T, at: number, count: number): T {
  const length = data.length / count;
  return data.slice(at * length, (at + 1) * length) as T;
}

describe("the UNet", () => {
  it.each(index.unet)("agrees at timestep $timestep", async (call) => {
    const stored = (file: string) => {
      const { shape, data } = readFloats(join(outputs, file));
      return f32(shape, data);
    };
    const predict = async (compiled: CompiledModel) => {
      const unet = createUnet(compiled);
      try {
        return await unet.predict(stored(call.sample), call.timestep, {
          embedding: { hiddenStates: stored(call.encoderHiddenStates), pooled: stored(call.textEmbeds) },
          timeIds: stored(call.timeIds),
        });
      } finally {
        unet.dispose();
      }
    };
    const fractionalTimesteps = !Number.isInteger(call.timestep);
    const prediction = await model.pipeline.submodels.use("unet", predict, { fractionalTimesteps });
    expect(relativeDifference(prediction, stored(call.output).data)).toBeLessThan(1e-4);
  });
});

describe("text to image", () => {
  it.each(index.runs)("draws what diffusers draws: $name", async ({ request, latents, image }) => {
    const drawn = await draw(request);
    const expectedLatents = readFloats(join(outputs, latents));
    const expectedImage = readNpy(join(outputs, image));
    expect(drawn.map((one) => one.seed)).toEqual(drawn.map((_, at) => (request.seed ?? 0) + at));
    expect(drawn).toHaveLength(expectedLatents.shape[0] ?? 0);
    for (const [at, one] of drawn.entries()) {
      expect([one.image.height, one.image.width, 3]).toEqual(expectedImage.shape.slice(1));
      const reference = part(expectedLatents.data, at, drawn.length);
      expect(relativeDifference(one.latents.data, reference)).toBeLessThan(1e-3);
      const pixels = part(expectedImage.data as Uint8Array, at, drawn.length);
      expect(largestDifference(one.image.data, pixels)).toBeLessThanOrEqual(2);
    }
  });
});

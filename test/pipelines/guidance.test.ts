// Guidance and the other knobs of conditioning against diffusers (test/reference/make_conditioning_fixtures.py).
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertModel } from "../../src/convert/convertModel.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { denoise } from "../../src/pipelines/denoisingLoop.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { guidanceEmbedding, guide, isGuided } from "../../src/pipelines/guidance.ts";
import { createUnet, type UnetConditioning } from "../../src/pipelines/noisePrediction.ts";
import { type GenerateRequest, generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { createScheduler } from "../../src/schedulers/catalogue.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { fixtures as converterFixtures } from "../convert/convertedModel.ts";
import {
  compareRequestRun,
  conditioningRuns,
  guidanceRangeRuns,
  longPromptRuns,
} from "../parity/requestRuns.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { tolerances } from "../parity/tolerances.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";

const fixtures = "test/fixtures/conditioning";

interface DistilledRun {
  request: GenerateRequest;
  latents: string;
}
interface Rescale {
  rescale: number;
  positive: number[];
  guided: number[];
  result: number[];
}
interface Index {
  distilledRuns: DistilledRun[];
  rescales: Rescale[];
  guidanceEmbeddings: { scale: number; width: number; values: number[] }[];
}
const index: Index = JSON.parse(readFileSync(join(fixtures, "index.json"), "utf8"));
const execution = { device: "CPU", precision: "f32" } as const;

let models: TinyModels;

beforeAll(async () => {
  models = await TinyModels.open();
});

afterAll(async () => {
  await models?.dispose();
});

async function latentsOf(request: GenerateRequest, from: OpenModel): Promise<Float32Array> {
  const parameters = resolveRequest(generateRequestSchema.parse(request), from.folder);
  for await (const { latents } of drawImages({ base: from.pipeline }, parameters)) return latents.data;
  throw new Error("nothing was drawn");
}

describe("latents of text to image", () => {
  it.each(conditioningRuns)("are diffusers': $name", async (run) => {
    expect((await compareRequestRun(run, models)).latents).toBeLessThan(tolerances.latents);
  });

  it.each(guidanceRangeRuns)("are those of a loop that guides a part of the steps: $name", async (run) => {
    expect((await compareRequestRun(run, models)).latents).toBeLessThan(tolerances.latents);
  });

  it.each(longPromptRuns)("follow a weighted prompt of several chunks: negative $name", async (run) => {
    expect((await compareRequestRun(run, models)).latents).toBeLessThan(tolerances.latents);
  });
});

describe("a model that is told the guidance scale", () => {
  const folder = temporaryFolder();
  let distilled: OpenModel;

  beforeAll(async () => {
    const out = join(folder, "lcm");
    await convertModel(
      { source: join(converterFixtures, "lcm/source"), out, weights: "fp32" },
      { threads: 0 },
    );
    distilled = openModel(out, models.runtime, execution);
  });

  afterAll(async () => {
    await distilled?.dispose();
    rmSync(folder, { recursive: true });
  });

  it("has the width of that input in its configuration", () => {
    expect(distilled.folder.config.guidanceEmbeddingWidth).toBe(16);
    expect(models.model("tiny-sdxl").folder.config.guidanceEmbeddingWidth).toBeUndefined();
  });

  it.each(index.distilledRuns)("draws as in diffusers at $request.guidanceScale", async (run) => {
    const request = { ...run.request, scheduler: "euler" };
    const stored = readFloats(join(fixtures, run.latents)).data;
    expect(relativeDifference(await latentsOf(request, distilled), stored)).toBeLessThan(1e-3);
  });

  it("predicts what torch predicts", async () => {
    const at = join(converterFixtures, "lcm/outputs");
    const tensor = (name: string) => {
      const { shape, data } = readFloats(join(at, `unet-in-${name}.npy`));
      return f32(shape, data);
    };
    const timestep = Number(readFileSync(join(at, "unet-in-timestep.npy")).readBigInt64LE(128));
    const prediction = await distilled.pipeline.submodels.use("unet", async (compiled) => {
      const unet = createUnet(compiled);
      try {
        return await unet.predict(tensor("sample"), timestep, {
          embedding: { hiddenStates: tensor("encoder_hidden_states"), pooled: tensor("text_embeds") },
          timeIds: tensor("time_ids"),
          guidanceEmbedding: tensor("timestep_cond"),
        });
      } finally {
        unet.dispose();
      }
    });
    const { data } = readFloats(join(at, "unet-out-out_sample.npy"));
    expect(relativeDifference(prediction, data)).toBeLessThan(1e-4);
  });
});

describe("the guidance scale as an input", () => {
  it.each(index.guidanceEmbeddings)("is diffusers' at $scale, $width wide", ({ scale, width, values }) => {
    const embedding = guidanceEmbedding(scale, width);
    expect(embedding.shape).toEqual([1, width]);
    // Angles reach 7000, where float32 is exact to 0.0005.
    expect(relativeDifference(embedding.data, values)).toBeLessThan(1e-3);
  });
});

describe("guidance", () => {
  it("goes from the negative prediction past the positive one", () => {
    const guided = guide(Float32Array.of(1, 0, -2), Float32Array.of(2, 0, -1), { scale: 5 });
    expect([...guided]).toEqual([6, 0, 3]);
  });

  it.each(index.rescales)(
    "is rescaled by $rescale as in diffusers",
    ({ rescale, positive, guided, result }) => {
      // A scale of 2 then gives `guided`: negative + 2 · (positive − negative).
      const negative = Float32Array.from(guided, (value, at) => 2 * (positive[at] ?? 0) - value);
      const rescaled = guide(negative, Float32Array.from(positive), { scale: 2, rescale });
      expect(relativeDifference(rescaled, result)).toBeLessThan(1e-6);
    },
  );

  it.each([
    [undefined, [0, 1, 2, 3, 4]],
    [[0, 1] as const, [0, 1, 2, 3, 4]],
    [[0, 0.4] as const, [0, 1]],
    [[0.4, 1] as const, [2, 3, 4]],
    [[0.3, 0.5] as const, [2]],
    [[0.25, 0.35] as const, []],
  ])("acts on the steps of the range %j", (range, guided) => {
    expect([0, 1, 2, 3, 4].filter((step) => isGuided(step, 5, range))).toEqual(guided);
  });
});

describe("the denoising loop", () => {
  const conditioning = (pooled: number): UnetConditioning => ({
    embedding: { hiddenStates: f32([1, 1, 1], [0]), pooled: f32([1, 1], [pooled]) },
    timeIds: f32([1, 6], [0, 0, 0, 0, 0, 0]),
  });

  /** Which prompts the UNet was called for: `-` the negative one, `+` the positive one, steps in order. */
  async function calls(options: { negative?: boolean; guidanceRange?: [number, number] }): Promise<string> {
    let made = "";
    const scheduler = createScheduler({}, "euler");
    scheduler.setTimesteps(4);
    await denoise({
      unet: {
        async predict(sample, _timestep, { embedding }) {
          made += embedding.pooled.data[0] === 1 ? "+" : "-";
          return new Float32Array(sample.data.length);
        },
        dispose: () => {},
      },
      scheduler,
      latents: f32([1, 1, 1, 2], [1, 2]),
      positive: conditioning(1),
      negative: options.negative ? conditioning(0) : undefined,
      guidanceScale: 5,
      guidanceRange: options.guidanceRange,
      noise: () => new Float32Array(2),
      onStep: () => {
        made += " ";
      },
    });
    return made.trim();
  }

  it("calls the UNet twice a step with guidance, negative prompt first", async () => {
    expect(await calls({ negative: true })).toBe("-+ -+ -+ -+");
  });

  it("calls it once a step without guidance", async () => {
    expect(await calls({})).toBe("+ + + +");
  });

  it("calls it once at steps outside the range of guidance", async () => {
    expect(await calls({ negative: true, guidanceRange: [0.25, 0.75] })).toBe("+ -+ -+ +");
  });
});

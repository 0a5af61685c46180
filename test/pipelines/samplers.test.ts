// The tiny random SDXL drawn with each sampler by Limner and by diffusers (test/reference/make_sampler_runs.py).
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { type GenerateRequest, generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { schedulerNames } from "../../src/schedulers/catalogue.ts";
import { relativeDifference } from "../support/difference.ts";

const { runs }: { runs: { request: GenerateRequest; latents: number[] }[] } = JSON.parse(
  readFileSync("test/fixtures/schedulers/runs.json", "utf8"),
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

describe("a whole run", () => {
  const cases = runs.map(({ request, latents }) => {
    const { scheduler, sigmas, sigmasList, timestepSpacing, eta } = request;
    return [
      JSON.stringify({ scheduler, sigmas, sigmasList, timestepSpacing, eta }),
      request,
      latents,
    ] as const;
  });

  it.each(cases)("ends with diffusers' latents: %s", async (_, request, latents) => {
    const parameters = resolveRequest(generateRequestSchema.parse(request), model.folder);
    for await (const drawn of drawImages({ base: model.pipeline }, parameters)) {
      expect(drawn.scheduler).toBe(request.scheduler);
      expect(relativeDifference(drawn.latents.data, latents)).toBeLessThan(1e-3);
    }
    expect.assertions(2);
  });

  it("is stored for every sampler", () => {
    expect(new Set(runs.map(({ request }) => request.scheduler))).toEqual(new Set(schedulerNames));
  });
});

describe("what a sampler lacks", () => {
  it.each([
    [{ scheduler: "ddim", sigmas: "karras" }, "The ddim sampler has no karras sigmas."],
    [{ scheduler: "lcm", timestepSpacing: "trailing" }, "The lcm sampler has no spacing of its timesteps."],
    [{ scheduler: "euler", eta: 0.5 }, "The euler sampler takes no eta."],
    [{ scheduler: "heun", sigmasList: [3, 1, 0] }, "The heun sampler takes no list of sigmas."],
    [{ scheduler: "fast" }, 'There is no sampler "fast".'],
  ] as const)("is refused by name: %j", async (changes, sentence) => {
    const request = generateRequestSchema.parse({ prompt: "", size: { width: 64, height: 64 }, ...changes });
    const drawing = drawImages({ base: model.pipeline }, resolveRequest(request, model.folder));
    await expect(drawing.next()).rejects.toThrow(sentence);
  });
});

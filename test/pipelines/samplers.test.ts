// The tiny random SDXL drawn with each sampler by Limner and by diffusers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { generateRequestSchema } from "../../src/protocol/generateRequest.ts";
import { schedulerNames } from "../../src/schedulers/catalogue.ts";
import { compareRequestRun, samplerRuns } from "../parity/requestRuns.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { tolerances } from "../parity/tolerances.ts";

let models: TinyModels;

beforeAll(async () => {
  models = await TinyModels.open();
});

afterAll(async () => {
  await models?.dispose();
});

describe("a whole run", () => {
  it.each(samplerRuns)("ends with diffusers' latents: $name", async (run) => {
    expect((await compareRequestRun(run, models)).latents).toBeLessThan(tolerances.latents);
  });

  it("is stored for every sampler", () => {
    expect(new Set(samplerRuns.map(({ request }) => request.scheduler))).toEqual(new Set(schedulerNames));
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
    const { pipeline, folder } = models.model("tiny-sdxl");
    const drawing = drawImages({ base: pipeline }, resolveRequest(request, folder));
    await expect(drawing.next()).rejects.toThrow(sentence);
  });
});

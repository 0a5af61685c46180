// A tiny random SDXL drawn by Limner and by diffusers, both in float32.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareUnetCall, unetCalls } from "../parity/networkCases.ts";
import { compareRequestRun, plainRuns } from "../parity/requestRuns.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { tolerances } from "../parity/tolerances.ts";

let models: TinyModels;

beforeAll(async () => {
  models = await TinyModels.open();
});

afterAll(async () => {
  await models?.dispose();
});

describe("the UNet", () => {
  it.each(unetCalls)("agrees at timestep $timestep", async (call) => {
    expect(await compareUnetCall(call, models)).toBeLessThan(tolerances.networks);
  });
});

describe("text to image", () => {
  it.each(plainRuns)("draws what diffusers draws: $name", async (run) => {
    const { latents, pixels } = await compareRequestRun(run, models);
    expect(latents).toBeLessThan(tolerances.latents);
    expect(pixels).toBeLessThanOrEqual(tolerances.pixels);
  });
});

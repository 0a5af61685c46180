import { describe, expect, it } from "vitest";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import type { ModelFolder } from "../../src/models/modelFolder.ts";

/** A model of which only what the defaults need is there. */
function model(recommendation: ModelFolder["recommendation"] = {}): ModelFolder {
  const defaultSize = { width: 1024, height: 768 };
  return { recommendation, config: { defaultSize } } as unknown as ModelFolder;
}

describe("the defaults of a request", () => {
  it("are diffusers' where the model recommends nothing", () => {
    const resolved = resolveRequest({ prompt: "cat", seed: 7 }, model());
    expect(resolved).toMatchObject({
      steps: 50,
      guidanceScale: 5,
      seeds: [7],
      size: { width: 1024, height: 768 },
      originalSize: { width: 1024, height: 768 },
      targetSize: { width: 1024, height: 768 },
      cropsCoordsTopLeft: { x: 0, y: 0 },
    });
    expect(resolved.negativeConditioning).toBeUndefined();
    expect(resolved.scheduler).toBeUndefined();
  });

  it("are the model's own where it has some, and the request's before all", () => {
    const own = model({ steps: 4, guidanceScale: 0, scheduler: "lcm" });
    expect(resolveRequest({ prompt: "" }, own)).toMatchObject({
      steps: 4,
      guidanceScale: 0,
      scheduler: "lcm",
    });
    expect(resolveRequest({ prompt: "", steps: 9, guidanceScale: 2 }, own)).toMatchObject({
      steps: 9,
      guidanceScale: 2,
    });
  });

  it("follow the size of the request", () => {
    const size = { width: 640, height: 512 };
    expect(resolveRequest({ prompt: "", size }, model())).toMatchObject({
      originalSize: size,
      targetSize: size,
    });
  });

  it("give image k of a batch the seed plus k", () => {
    expect(resolveRequest({ prompt: "", seed: 41, count: 3 }, model()).seeds).toEqual([41, 42, 43]);
  });

  it("draw a new seed when none is given", () => {
    const seeds = Array.from({ length: 8 }, () => resolveRequest({ prompt: "" }, model()).seeds[0]);
    expect(new Set(seeds).size).toBeGreaterThan(1);
    for (const seed of seeds) expect(seed).toBeLessThan(2 ** 32);
  });

  it("refuse seeds that leave the exact integers", () => {
    expect(() => resolveRequest({ prompt: "", seed: Number.MAX_SAFE_INTEGER, count: 2 }, model())).toThrow(
      "The seed 9007199254740991 is too large for 2 images in a row.",
    );
  });

  it("want both negative sizes or none, since diffusers ignores one alone", () => {
    const one = { width: 64, height: 64 };
    const two = { width: 32, height: 32 };
    const both = { prompt: "", negativeOriginalSize: one, negativeTargetSize: two };
    expect(resolveRequest(both, model()).negativeConditioning).toEqual({
      originalSize: one,
      cropsCoordsTopLeft: { x: 0, y: 0 },
      targetSize: two,
    });
    expect(() => resolveRequest({ prompt: "", negativeTargetSize: two }, model())).toThrow("go together");
    expect(() => resolveRequest({ prompt: "", negativeCropsCoordsTopLeft: { x: 1, y: 1 } }, model())).toThrow(
      "go together",
    );
  });

  it("take the steps from a list of sigmas, and refuse what contradicts it", () => {
    const list = { prompt: "", sigmasList: [14, 3, 1, 0] };
    expect(resolveRequest(list, model())).toMatchObject({ steps: 3, sigmasList: [14, 3, 1, 0] });
    expect(resolveRequest({ ...list, steps: 3 }, model()).steps).toBe(3);
    expect(() => resolveRequest({ ...list, steps: 9 }, model())).toThrow("makes 3 steps, not 9");
    expect(() => resolveRequest({ ...list, sigmas: "beta" }, model())).toThrow(
      "does not go with beta sigmas",
    );
  });

  it("hand over what changes the scheduler's configuration", () => {
    const request = { prompt: "", sigmas: "karras", timestepSpacing: "trailing", eta: 0.5 } as const;
    expect(resolveRequest(request, model())).toMatchObject({
      schedulerOverrides: { sigmas: "karras", spacing: "trailing" },
      eta: 0.5,
    });
  });
});

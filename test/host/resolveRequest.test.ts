import { describe, expect, it } from "vitest";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import type { ModelFolder } from "../../src/models/modelFolder.ts";

/** A model of which only what the defaults need is there. */
function model(recommendation: ModelFolder["recommendation"] = {}, timeIdCount = 6): ModelFolder {
  const defaultSize = { width: 1024, height: 768 };
  return { recommendation, config: { defaultSize, timeIdCount } } as unknown as ModelFolder;
}

const origin = { x: 0, y: 0 };

describe("the defaults of a request", () => {
  it("are diffusers' where the model recommends nothing", () => {
    const { base, seeds, size, refine } = resolveRequest({ prompt: "cat", seed: 7 }, model());
    const whole = { width: 1024, height: 768 };
    const micro = { originalSize: whole, cropsCoordsTopLeft: origin, targetSize: whole };
    expect(base).toMatchObject({ steps: 50, guidanceScale: 5, micro, negativeMicro: micro });
    expect(base.scheduler).toBeUndefined();
    expect(base.strength).toBeUndefined();
    expect({ seeds, size, refine }).toEqual({ seeds: [7], size: whole, refine: undefined });
  });

  it("are the model's own where it has some, and the request's before all", () => {
    const own = model({ steps: 4, guidanceScale: 0, scheduler: "lcm" });
    expect(resolveRequest({ prompt: "" }, own).base).toMatchObject({
      steps: 4,
      guidanceScale: 0,
      scheduler: "lcm",
    });
    const asked = resolveRequest({ prompt: "", steps: 9, guidanceScale: 2 }, own);
    expect(asked.base).toMatchObject({ steps: 9, guidanceScale: 2 });
  });

  it("follow the size of the request", () => {
    const size = { width: 640, height: 512 };
    expect(resolveRequest({ prompt: "", size }, model()).base.micro).toMatchObject({
      originalSize: size,
      targetSize: size,
    });
  });

  it("give image k of a batch the seed plus k, over all pictures", () => {
    expect(resolveRequest({ prompt: "", seed: 41, count: 3 }, model()).seeds).toEqual([41, 42, 43]);
    const images = ["a.png", "b.png"];
    expect(resolveRequest({ prompt: "", seed: 1, count: 2, images }, model()).seeds).toEqual([1, 2, 3, 4]);
  });

  it("draw a new seed when none is given", () => {
    const seeds = Array.from({ length: 8 }, () => resolveRequest({ prompt: "" }, model()).seeds[0]);
    expect(new Set(seeds).size).toBeGreaterThan(1);
    for (const seed of seeds) expect(seed).toBeLessThan(2 ** 32);
  });

  it("refuse seeds that leave the exact integers", () => {
    const request = { prompt: "", seed: Number.MAX_SAFE_INTEGER, count: 2 };
    expect(() => resolveRequest(request, model())).toThrow(
      "The seed 9007199254740991 is too large for 2 images in a row.",
    );
  });

  it("count the steps of a list of sigmas", () => {
    const sigmasList = [14, 3, 0];
    expect(resolveRequest({ prompt: "", sigmasList }, model({ steps: 20 })).base).toMatchObject({
      steps: 2,
      sigmasList,
    });
    expect(() => resolveRequest({ prompt: "", sigmasList, steps: 3 }, model())).toThrow(
      "A list of 3 sigmas makes 2 steps, not 3: leave the steps out.",
    );
    expect(() => resolveRequest({ prompt: "", sigmasList, sigmas: "karras" }, model())).toThrow(
      "A list of sigmas does not go with karras sigmas: give one of them.",
    );
  });
});

describe("the negative prompt's sizes", () => {
  const one = { width: 64, height: 64 };
  const two = { width: 32, height: 32 };

  it("go together from text, since diffusers ignores one alone", () => {
    const both = { prompt: "", negativeOriginalSize: one, negativeTargetSize: two };
    expect(resolveRequest(both, model()).base.negativeMicro).toEqual({
      originalSize: one,
      cropsCoordsTopLeft: origin,
      targetSize: two,
    });
    expect(() => resolveRequest({ prompt: "", negativeTargetSize: two }, model())).toThrow("go together");
    const crop = { prompt: "", negativeCropsCoordsTopLeft: { x: 1, y: 1 } };
    expect(() => resolveRequest(crop, model())).toThrow("go together");
  });

  it("default each by itself from a picture, with the positive crop unless the model is a refiner", () => {
    const request = {
      prompt: "",
      images: ["a.png"],
      negativeTargetSize: two,
      cropsCoordsTopLeft: { x: 5, y: 6 },
      negativeCropsCoordsTopLeft: { x: 1, y: 2 },
      size: one,
    };
    expect(resolveRequest(request, model()).base.negativeMicro).toEqual({
      originalSize: one,
      cropsCoordsTopLeft: { x: 5, y: 6 },
      targetSize: two,
    });
    expect(resolveRequest(request, model({}, 5)).base.negativeMicro.cropsCoordsTopLeft).toEqual({
      x: 1,
      y: 2,
    });
  });
});

describe("pictures", () => {
  it("are drawn anew by 0.3, within a mask by diffusers' 0.9999", () => {
    const images = ["a.png"];
    expect(resolveRequest({ prompt: "", images }, model()).base.strength).toBe(0.3);
    expect(resolveRequest({ prompt: "", images, mask: "m.png" }, model()).base.strength).toBe(0.9999);
    expect(resolveRequest({ prompt: "", images, strength: 0.7 }, model()).base.strength).toBe(0.7);
  });

  it("are encoded as diffusers' inpainting does where the original is not to be kept", () => {
    const request = { prompt: "", images: ["a.png"], mask: "m.png" };
    expect(resolveRequest(request, model()).base.plainInpaintingScale).toBe(false);
    expect(resolveRequest({ ...request, keepOriginal: false }, model()).base.plainInpaintingScale).toBe(true);
  });

  it("are painted anew at their new border as within a mask", () => {
    expect(resolveRequest({ prompt: "", images: ["a.png"], grow: 8 }, model()).base.strength).toBe(0.9999);
  });
});

describe("variations", () => {
  it("keep the seed and take another noise each", () => {
    const request = { prompt: "", seed: 5, variationSeed: 9, variationStrength: 0.25, count: 3 };
    const { seeds, variations } = resolveRequest(request, model());
    expect(seeds).toEqual([5, 5, 5]);
    expect(variations).toEqual([9, 10, 11].map((seed) => ({ seed, strength: 0.25 })));
  });

  it("go a little way where none is named, from a random seed where none is named", () => {
    const asked = (more: object) => resolveRequest({ prompt: "", seed: 5, ...more }, model()).variations;
    expect(asked({ variationSeed: 9 })).toEqual([{ seed: 9, strength: 0.1 }]);
    const [first] = asked({ variationStrength: 0.5 }) ?? [];
    expect(first?.strength).toBe(0.5);
    expect(first?.seed).toBeLessThan(2 ** 32);
    expect(asked({})).toBeUndefined();
  });
});

describe("an output size", () => {
  it("is drawn in the model's bucket of its proportions", () => {
    const { config } = model();
    const folder = { recommendation: {}, config: { ...config, sizeMultiple: 32 } } as unknown as ModelFolder;
    const asked = (more: object, to = folder) =>
      resolveRequest({ prompt: "", outputSize: { width: 300, height: 300 }, ...more }, to).size;
    expect(asked({})).toEqual({ width: 896, height: 896 });
    expect(asked({ size: { width: 64, height: 32 } })).toEqual({ width: 64, height: 32 });
    const fixed = { ...folder, config: { ...folder.config, fixedSize: true } };
    expect(asked({}, fixed)).toEqual({ width: 1024, height: 768 });
  });
});

describe("a refiner", () => {
  it("takes over at 0.8 of the steps", () => {
    const { base, refine } = resolveRequest({ prompt: "", refiner: "r" }, model());
    expect(base.denoisingEnd).toBe(0.8);
    expect(refine).toMatchObject({ denoisingStart: 0.8, aestheticScore: 6, negativeAestheticScore: 2.5 });
    expect(refine?.strength).toBeUndefined();
  });

  it("takes the refiner's own guidance where the request names none, else the base's", () => {
    const guidanceOf = (more: object, refiner: Parameters<typeof resolveRequest>[3]) => {
      const request = { prompt: "", refiner: "r", ...more };
      const { base, refine } = resolveRequest(request, model({ guidanceScale: 3 }), undefined, refiner);
      return [base.guidanceScale, refine?.guidanceScale];
    };
    expect(guidanceOf({}, model({ guidanceScale: 1 }))).toEqual([3, 1]);
    expect(guidanceOf({}, model({}))).toEqual([3, 3]);
    expect(guidanceOf({}, undefined)).toEqual([3, 3]);
    expect(guidanceOf({ guidanceScale: 7 }, model({ guidanceScale: 1 }))).toEqual([7, 7]);
  });

  it("refines a finished picture where a strength is named, or a picture is the source", () => {
    const strong = resolveRequest({ prompt: "", refiner: "r", refineStrength: 0.5 }, model());
    expect(strong.base.denoisingEnd).toBeUndefined();
    expect(strong.refine).toMatchObject({ strength: 0.5 });
    const fromImage = resolveRequest({ prompt: "", refiner: "r", images: ["a.png"] }, model());
    expect(fromImage.refine).toMatchObject({ strength: 0.3 });
    expect(fromImage.refine?.denoisingStart).toBeUndefined();
  });

  it("cannot do both, and is needed by either", () => {
    const both = { prompt: "", refiner: "r", handoff: 0.5, refineStrength: 0.5 };
    expect(() => resolveRequest(both, model())).toThrow("exclude each other");
    expect(() => resolveRequest({ prompt: "", handoff: 0.5 }, model())).toThrow(
      "A hand-over needs a refiner",
    );
    expect(() => resolveRequest({ prompt: "", refineStrength: 0.5 }, model())).toThrow(
      "A refine strength needs a refiner",
    );
  });
});

import { describe, expect, test } from "vitest";
import type { GenerateRequest } from "../../../src/protocol/generateRequest.ts";
import type { ModelFacts } from "../../../src/protocol/panel/panelModel.ts";
import { emptyForm, type Form, formSchema } from "../../../webview/composer/form.ts";
import { formOfRequest } from "../../../webview/composer/formOfRequest.ts";
import { requestOfForm } from "../../../webview/composer/requestOfForm.ts";

const facts: ModelFacts = {
  model: "sdxl",
  role: "base",
  size: { width: 1024, height: 1024 },
  sizes: [{ width: 1024, height: 1024 }],
  sizeMultiple: 8,
  fixedSize: false,
  samplers: [],
  steps: 30,
  guidanceScale: 5,
};
const form = (change: Partial<Form> = {}): Form => ({
  ...emptyForm,
  model: "sdxl",
  device: "CPU",
  ...change,
});
const source = { file: "/w/a.png", name: "a.png" };

describe("a form", () => {
  test("that says nothing asks for what the model recommends", () => {
    expect(requestOfForm(form(), facts)).toEqual({
      kind: "request",
      request: { prompt: "", model: "sdxl", count: 1 },
    });
  });

  test("asks for all that it says", () => {
    const composed = requestOfForm(
      form({
        prompt: "a cat",
        negativePrompt: "a dog",
        loras: [{ name: "ink", scale: "0,8" }],
        device: "GPU",
        scheduler: "ddim",
        size: "bucket",
        width: "832",
        height: "1216",
        outputWidth: "100",
        outputHeight: "150",
        steps: "12",
        guidanceScale: "6.5",
        seed: "7",
        count: "3",
        source,
        strength: "0.4",
        mask: { file: "/s/m.png", name: "mask" },
        refiner: "refiner",
        handoff: "0.7",
        tile: "x",
        transparent: true,
        format: "webp",
      }),
      facts,
    );
    expect(composed).toEqual({
      kind: "request",
      request: {
        prompt: "a cat",
        negativePrompt: "a dog",
        model: "sdxl",
        loras: [{ name: "ink", scale: 0.8 }],
        device: "GPU",
        scheduler: "ddim",
        size: { width: 832, height: 1216 },
        outputSize: { width: 100, height: 150 },
        steps: 12,
        guidanceScale: 6.5,
        seed: 7,
        count: 3,
        images: ["/w/a.png"],
        strength: 0.4,
        mask: "/s/m.png",
        refiner: "refiner",
        handoff: 0.7,
        tile: "x",
        transparent: true,
      },
    });
  });

  test("keeps the picture's size unless it names another", () => {
    const requestOf = (change: Partial<Form>) => {
      const composed = requestOfForm(form({ source, ...change }), facts);
      return composed.kind === "request" ? composed.request.keepSize : composed;
    };
    expect(requestOf({})).toBe(true);
    expect(requestOf({ keepSize: false })).toBeUndefined();
    expect(requestOf({ outputWidth: "64", outputHeight: "64" })).toBeUndefined();
  });

  test.each<[string, Partial<Form>, Record<string, string>]>([
    ["steps", { steps: "0" }, { steps: "the smallest that is possible is 1" }],
    ["steps in words", { steps: "many" }, { steps: "it takes a number" }],
    ["half a step", { steps: "1.5" }, { steps: "it takes a whole number" }],
    ["a strength", { source, strength: "2" }, { strength: "the largest that is possible is 1" }],
    ["half a size", { size: "free", width: "64", height: "" }, { height: "it takes a number" }],
    ["an odd size", { size: "free", width: "100", height: "64" }, { width: "it takes a multiple of 8" }],
    ["a batch", { count: "101" }, { count: "the largest that is possible is 100" }],
    [
      "a device",
      { device: "gpu" },
      { device: "it takes an OpenVINO device such as CPU, GPU, GPU.1, NPU or AUTO" },
    ],
    [
      "a JPEG with clear parts",
      { transparent: true, format: "jpg" },
      { format: "JPEG has no clear parts: choose PNG, WebP or AVIF" },
    ],
  ])("says beside its field what is wrong with %s", (_name, change, problems) => {
    expect(requestOfForm(form(change), facts)).toEqual({ kind: "problems", problems });
  });

  test("of a refiner needs a picture", () => {
    const refiner: ModelFacts = { ...facts, role: "refiner" };
    const problems = { source: "a refiner needs a picture to begin with" };
    expect(requestOfForm(form(), refiner)).toEqual({ kind: "problems", problems });
  });

  test("that was kept damaged is new where it is damaged", () => {
    const kept = { ...form({ prompt: "a cat" }), steps: 12, size: "huge", more: { steps: "x" } };
    expect(formSchema.parse(kept)).toEqual(form({ prompt: "a cat" }));
  });
});

describe("a request that is reused", () => {
  const request: GenerateRequest = {
    prompt: "a cat",
    negativePrompt: "a dog",
    model: "sdxl",
    loras: [{ name: "ink", scale: 0.5 }],
    scheduler: "euler",
    size: { width: 832, height: 1216 },
    steps: 20,
    guidanceScale: 4,
    seed: 12,
    count: 1,
    refiner: "refiner",
    refineStrength: 0.2,
    tile: "xy",
    clipSkip: 2,
    guidanceRescale: 0.5,
  };

  test("is asked for again, with what has no field of its own", () => {
    const filled = formOfRequest(request, form());
    expect(filled.seedLocked).toBe(true);
    expect(filled.more).toEqual({ clipSkip: 2, guidanceRescale: 0.5 });
    expect(requestOfForm(filled, facts)).toEqual({ kind: "request", request });
  });

  test("leaves model, device and format as they were where it names none", () => {
    const before = form({ model: "other", device: "GPU", format: "webp", steps: "3" });
    const { model, device, format, steps } = formOfRequest({ prompt: "a cat" }, before);
    expect({ model, device, format, steps }).toEqual({
      model: "other",
      device: "GPU",
      format: "webp",
      steps: "",
    });
  });
});

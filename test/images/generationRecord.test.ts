import { describe, expect, test } from "vitest";
import { describeGeneration, requestOfParameters, validFields } from "../../src/images/generationRecord.ts";
import { parseParameters } from "../../src/images/parameters.ts";
import { testRecord } from "./testRecord.ts";

describe("what is written", () => {
  test("the text has the settings as other tools name them", () => {
    const { parameters, creator } = describeGeneration(
      testRecord({ request: { prompt: "a red circle", negativePrompt: "blue" } }),
    );
    expect(parameters).toBe(
      "a red circle\nNegative prompt: blue\n" +
        "Steps: 20, Sampler: Euler, CFG scale: 4.5, Seed: 7, Size: 128x96, Model: limner-tiny, Version: Limner 0.1.0",
    );
    expect(creator).toBe("Limner 0.1.0");
  });

  test("the request draws this one picture again: its own seed, no count, every default filled in", () => {
    const { requestJson } = describeGeneration(
      testRecord({
        request: { count: 4, seed: 5, prompt: "a", originalSize: { width: 64, height: 64 } },
        seed: 8,
      }),
    );
    expect(JSON.parse(requestJson)).toEqual({
      prompt: "a",
      model: "limner-tiny",
      size: { width: 128, height: 96 },
      steps: 20,
      guidanceScale: 4.5,
      seed: 8,
      scheduler: "euler",
      originalSize: { width: 64, height: 64 },
    });
  });

  test("no folder of the machine goes in, the prompt stays as it is", () => {
    for (const model of ["/home/ada/models/my-model", "C:\\Users\\Ada\\models\\my-model"]) {
      const { parameters, requestJson } = describeGeneration(
        testRecord({ model, request: { prompt: "/home/ada is a prompt", model } }),
      );
      expect(parameters).toContain("Model: my-model,");
      expect(JSON.parse(requestJson).model).toBe("my-model");
      expect(JSON.parse(requestJson).prompt).toBe("/home/ada is a prompt");
      expect(`${parameters}${requestJson}`).not.toMatch(/models/);
    }
  });

  test("the same record in another order of fields gives the same text", () => {
    const one = describeGeneration(testRecord({ request: { prompt: "a", device: "CPU", prompt2: "b" } }));
    const other = describeGeneration(testRecord({ request: { prompt2: "b", prompt: "a", device: "CPU" } }));
    expect(one).toEqual(other);
  });
});

describe("what is read", () => {
  test("another tool's settings become the fields of a request", () => {
    const text =
      "a cat\nNegative prompt: dog\nSteps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 42, Size: 832x1216, Model: xl";
    expect(requestOfParameters(parseParameters(text))).toEqual({
      prompt: "a cat",
      negativePrompt: "dog",
      steps: 28,
      scheduler: "dpmpp-2m",
      guidanceScale: 7.5,
      seed: 42,
      size: { width: 832, height: 1216 },
      model: "xl",
    });
  });

  test("settings out of range, unknown or no numbers are left out, the others stay", () => {
    const text = "a\nSteps: 0, Sampler: Restart, CFG scale: x, Seed: -1, Size: 99999x1, Model: m";
    expect(requestOfParameters(parseParameters(text))).toEqual({ prompt: "a", model: "m" });
  });

  test("of a foreign object only known fields of the right kind are taken", () => {
    const value = JSON.parse('{"prompt":"a","steps":"20","seed":3,"__proto__":{"count":2},"shell":"rm"}');
    expect(validFields(value)).toEqual({ prompt: "a", seed: 3 });
    expect(validFields("text")).toEqual({});
    expect(validFields(null)).toEqual({});
  });
});

import { describe, expect, test } from "vitest";
import { formatParameters, parseParameters } from "../../src/images/parameters.ts";

const settings = new Map([
  ["Steps", "20"],
  ["Sampler", "Euler"],
  ["Seed", "1"],
]);

describe("writing", () => {
  test("prompt, negative prompt and settings have a line each", () => {
    expect(formatParameters({ prompt: "a cat", negativePrompt: "blurry", settings })).toBe(
      "a cat\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, Seed: 1",
    );
  });

  test("an absent negative prompt has no line, an empty one has", () => {
    expect(formatParameters({ prompt: "a cat", settings })).toBe("a cat\nSteps: 20, Sampler: Euler, Seed: 1");
    expect(formatParameters({ prompt: "a cat", negativePrompt: "", settings })).toBe(
      "a cat\nNegative prompt: \nSteps: 20, Sampler: Euler, Seed: 1",
    );
  });

  test("values with commas, colons, quotation marks and line breaks are JSON strings", () => {
    const odd = new Map([
      ["Model", "a, b"],
      ["Lora hashes", "x: 12"],
      ["Note", 'say "hi"\nthere'],
      ["Quoted", '"q"'],
    ]);
    expect(formatParameters({ prompt: "p", settings: odd })).toBe(
      'p\nModel: "a, b", Lora hashes: "x: 12", Note: "say \\"hi\\"\\nthere", Quoted: "\\"q\\""',
    );
  });
});

describe("reading", () => {
  test("a text of AUTOMATIC1111", () => {
    const found = parseParameters(
      "masterpiece, (cat:1.2),\nsitting <lora:soft:0.8>\nNegative prompt: lowres, bad\nhands\n" +
        "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 3096214, Size: 832x1216, " +
        'Model hash: 31e35c80fc, Model: sd_xl_base_1.0, Lora hashes: "soft: 0123abcd, other: 4567", Version: v1.10.1',
    );
    expect(found.prompt).toBe("masterpiece, (cat:1.2),\nsitting <lora:soft:0.8>");
    expect(found.negativePrompt).toBe("lowres, bad\nhands");
    expect(Object.fromEntries(found.settings)).toEqual({
      Steps: "28",
      Sampler: "DPM++ 2M",
      "Schedule type": "Karras",
      "CFG scale": "7",
      Seed: "3096214",
      Size: "832x1216",
      "Model hash": "31e35c80fc",
      Model: "sd_xl_base_1.0",
      "Lora hashes": "soft: 0123abcd, other: 4567",
      Version: "v1.10.1",
    });
  });

  test("a text of Forge, with settings that hold braces and a line break at its end", () => {
    const found = parseParameters(
      "a fox\nSteps: 4, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 5, " +
        "Size: 896x1152, Module 1: ae, Version: f2.0.1v1.10.1\n",
    );
    expect(found.prompt).toBe("a fox");
    expect(found.negativePrompt).toBeUndefined();
    expect(found.settings.get("Distilled CFG Scale")).toBe("3.5");
    expect(found.settings.get("Version")).toBe("f2.0.1v1.10.1");
  });

  test("a last line with fewer than three settings belongs to the prompt", () => {
    expect(parseParameters("a cat\nmood: calm, light: low")).toEqual({
      prompt: "a cat\nmood: calm, light: low",
      settings: new Map(),
    });
  });

  test("a prompt alone, and nothing at all", () => {
    expect(parseParameters("a cat")).toEqual({ prompt: "a cat", settings: new Map() });
    expect(parseParameters("")).toEqual({ prompt: "", settings: new Map() });
  });

  test("an empty prompt before its settings", () => {
    expect(parseParameters("\nSteps: 20, Sampler: Euler, Seed: 1")).toEqual({ prompt: "", settings });
  });

  test("a quotation mark that never closes is part of its value", () => {
    const found = parseParameters('p\nSteps: 1, Model: "broken, Seed: 2, Size: 8x8');
    expect(Object.fromEntries(found.settings)).toEqual({
      Steps: "1",
      Model: '"broken',
      Seed: "2",
      Size: "8x8",
    });
  });

  test("settings that look like object properties are settings", () => {
    const found = parseParameters("p\n__proto__: 1, constructor: 2, toString: 3");
    expect(found.settings.get("__proto__")).toBe("1");
    expect(found.settings.size).toBe(3);
  });

  test("a megabyte of hostile settings is read in one pass", () => {
    const found = parseParameters(`p\n${"a ".repeat(400_000)}: 1, ${'b: "\\'.repeat(30_000)}`);
    expect(found.settings.size).toBeLessThanOrEqual(512);
  });
});

test("what is written is read again, for prompts of several lines and odd values", () => {
  const cases = [
    { prompt: "one\ntwo, three", negativePrompt: "four\nfive", settings },
    { prompt: "trailing space ", negativePrompt: "", settings },
    { prompt: "Steps: 1, a: b, c: d", settings },
    { prompt: "says (Negative prompt: no) inside a line", settings },
    { prompt: "p", settings: new Map([...settings, ["Model", 'a "b", c: d\\'], ["Empty", ""]]) },
  ];
  for (const parameters of cases) {
    expect(parseParameters(formatParameters(parameters))).toEqual(parameters);
  }
});

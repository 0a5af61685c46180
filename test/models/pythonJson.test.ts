import { describe, expect, it } from "vitest";
import { parsePythonJson } from "../../src/models/pythonJson.ts";

describe("JSON as Python writes it", () => {
  it("may hold infinite numbers and NaN", () => {
    expect(parsePythonJson('{"a": -Infinity, "b": [Infinity, NaN, 1.5]}')).toEqual({
      a: Number.NEGATIVE_INFINITY,
      b: [Number.POSITIVE_INFINITY, null, 1.5],
    });
  });

  it("keeps such words in strings", () => {
    const text = String.raw`{"Infinity": "a \"NaN\" of -Infinity", "b": NaN}`;
    expect(parsePythonJson(text)).toEqual({ Infinity: 'a "NaN" of -Infinity', b: null });
  });

  it("refuses other words", () => {
    expect(() => parsePythonJson('{"a": Infinityx}')).toThrow(SyntaxError);
    expect(() => parsePythonJson("{")).toThrow(SyntaxError);
  });
});

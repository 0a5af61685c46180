import { describe, expect, it } from "vitest";
import { parsePromptWeights } from "../../src/conditioning/promptWeights.ts";

const part = (text: string, weight = 1) => ({ text, weight: expect.closeTo(weight, 10) });

describe("the weights of a prompt", () => {
  it.each([
    ["a red fox", [part("a red fox")]],
    ["", [part("")]],
    ["()", [part("")]],
    ["a (red) fox", [part("a "), part("red", 1.1), part(" fox")]],
    ["a [red] fox", [part("a "), part("red", 1 / 1.1), part(" fox")]],
    ["a ((red)) fox", [part("a "), part("red", 1.21), part(" fox")]],
    ["(red fox:1.3)", [part("red fox", 1.3)]],
    ["(red fox : .5 )", [part("red fox ", 0.5)]],
    ["(red:-1)", [part("red", -1)]],
    ["((red) fox:2)", [part("red", 2.2), part(" fox", 2)]],
    ["[(red)]", [part("red", 1)]],
    ["(a (b:2) c:3)", [part("a ", 3), part("b", 6), part(" c", 3)]],
  ])("are read from %j", (prompt, parts) => {
    expect(parsePromptWeights(prompt)).toEqual(parts);
  });

  it.each([
    [String.raw`a \(red\) fox`, "a (red) fox"],
    [String.raw`\[x\] \\`, "[x] \\"],
    [String.raw`C:\temp`, String.raw`C:\temp`],
    ["16:9, ratio: 2", "16:9, ratio: 2"],
    ["a) b]", "a) b]"],
    ["a :1.3) b", "a :1.3) b"],
  ])("leave %j as text", (prompt, text) => {
    expect(parsePromptWeights(prompt)).toEqual([part(text)]);
  });

  it("take an escaped bracket inside a weighted part as text", () => {
    expect(parsePromptWeights(String.raw`(fox \(red\):1.2)`)).toEqual([part("fox (red)", 1.2)]);
  });

  it("reach to the end where a bracket stays open", () => {
    expect(parsePromptWeights("a (red fox")).toEqual([part("a "), part("red fox", 1.1)]);
    expect(parsePromptWeights("a [red fox")).toEqual([part("a "), part("red fox", 1 / 1.1)]);
  });

  it("are those of Stable Diffusion WebUI's own example", () => {
    expect(parsePromptWeights("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).")).toEqual([
      part("a "),
      part("house", 1.5730000000000004),
      part(" ", 1.1),
      part("on", 1),
      part(" a ", 1.1),
      part("hill", 0.55),
      part(", sun, ", 1.1),
      part("sky", 1.4641000000000006),
      part(".", 1.1),
    ]);
  });

  it("are refused beyond 100, with the way out", () => {
    expect(() => parsePromptWeights("(ratio:1920)")).toThrow(
      'The weight 1920 in "(ratio:1920)" is not possible: weights go from -100 to 100. ' +
        String.raw`Write \( and \) for brackets that are no weight.`,
    );
  });

  it("may be nested as deep as a prompt is long", () => {
    const prompt = "(".repeat(10_000) + ")".repeat(10_000);
    expect(parsePromptWeights(prompt)).toEqual([part("")]);
  });
});

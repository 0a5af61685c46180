import { expect, test, vi } from "vitest";
import { failureOf } from "../../src/extension/failure.ts";
import { healthOf, healthText } from "../../src/extension/host/health.ts";
import { reusable, variationsOf } from "../../src/extension/imageTools/reuse.ts";
import { parseStrength, strengthChoices } from "../../src/extension/questions/strength.ts";
import { besideTarget, patternTarget, transparentName } from "../../src/extension/targets/assetTarget.ts";
import { chooseFolder } from "../../src/extension/targets/folderChoice.ts";
import { LimnerError } from "../../src/protocol/limnerError.ts";

vi.mock("vscode", () => ({}));
const { modelChoices } = await import("../../src/extension/models/models.ts");
const { promptChoices } = await import("../../src/extension/questions/promptInput.ts");
const { detailChoices, factorChoices } = await import("../../src/extension/imageTools/upscale.ts");

test.each([
  ["0.4", 0.4],
  [",35", 0.35],
  ["40 %", 0.4],
  ["1", 1],
  ["0", undefined],
  ["1.2", undefined],
  ["half", undefined],
])("the strength %s is %s", (typed, strength) => {
  expect(parseStrength(typed)).toBe(strength);
});

test("strengths are chosen by words or by a number", () => {
  expect(strengthChoices("half").map(({ strength }) => strength)).toEqual([0.5]);
  expect(strengthChoices("0.42").map(({ label }) => label)).toEqual(["0.42"]);
});

test("the folder is the active file's, else the only one, else asked for", () => {
  expect(chooseFolder(["/a", "/b"], "/b")).toEqual({ kind: "one", folder: "/b" });
  expect(chooseFolder(["/a"], undefined)).toEqual({ kind: "one", folder: "/a" });
  expect(chooseFolder(["/a", "/b"], undefined)).toEqual({ kind: "ask", folders: ["/a", "/b"] });
  expect(chooseFolder([], undefined)).toEqual({ kind: "none" });
});

test("results go below the folder by the pattern, or beside their source", () => {
  expect(patternTarget("/w", "a/${seed}.png")).toEqual({
    kind: "pattern",
    folder: "/w",
    pattern: "a/${seed}.png",
  });
  expect(besideTarget("/w/a.JPG")).toEqual({ kind: "file", file: "/w/a.JPG" });
  expect(besideTarget("/w/a.gif")).toEqual({ kind: "file", file: "/w/a.png" });
  expect(["/w/a.WebP", "/w/a.jpg"].map(transparentName)).toEqual(["/w/a.WebP", "/w/a.png"]);
});

test("a factor to enlarge by is chosen or typed, and so is the detail", () => {
  expect(factorChoices("").map(({ factor }) => factor)).toEqual([2, 4, 1.5, 3]);
  expect(factorChoices("2.5x").map(({ factor }) => factor)).toEqual([2.5]);
  expect(factorChoices("9").map(({ factor }) => factor)).toEqual([2, 4, 1.5, 3]);
  expect(detailChoices("").map(({ strength }) => strength)).toEqual([undefined, 0.1, 0.2, 0.35]);
  expect(detailChoices("0.15").map(({ strength }) => strength)).toEqual([0.15]);
});

test("models are listed by what they are for, the one in use first", () => {
  const model = { type: "model", state: "ready", origin: "hub", bytes: 1, sourceBytes: 0 } as const;
  const listed = [
    { ...model, name: "a", role: "base" as const },
    { ...model, name: "b", role: "refiner" as const },
    { ...model, name: "c" },
    { ...model, name: "d", state: "missing" as const },
  ];
  expect(modelChoices(listed, "c").map(({ label }) => label)).toEqual(["c", "a"]);
  expect(modelChoices(listed, "c", ["refiner"]).map(({ label }) => label)).toEqual(["b"]);
});

test("what is typed comes first, then earlier prompts with its words", () => {
  expect(promptChoices("red", ["a red star", "a blue star"])).toEqual(["red", "a red star"]);
  expect(promptChoices("", ["a", "b"])).toEqual(["a", "b"]);
});

test("the status bar tells loading from drawing, and failures", () => {
  const progress = { image: 0, images: 1, step: 12, steps: 20 };
  const ready = { kind: "ready", pid: 1 } as const;
  expect(healthText(healthOf(ready, { ...progress, stage: "denoise" })).text).toContain("drawing 12/20");
  expect(healthText(healthOf(ready, { ...progress, stage: "load" })).text).toContain("loading a model");
  expect(healthText(healthOf(ready, undefined)).text).toBe("$(paintcan) Limner");
  const crashed = healthText(healthOf({ kind: "crashed", reason: "it was ended" }, undefined));
  expect([crashed.isError, crashed.tooltip]).toEqual([true, "Limner's background host ended: it was ended."]);
});

test("failures are silent, shown with a remedy, or logged", () => {
  expect(failureOf(new LimnerError("cancelled", "Cancelled."))).toEqual({ kind: "silent" });
  expect(failureOf(new LimnerError("model-not-found", "No model."))).toEqual({
    kind: "shown",
    sentence: "No model.",
    remedy: { title: "Select Model", command: "limner.selectModel" },
  });
  expect(failureOf(new TypeError("x")).kind).toBe("logged");
});

test("variations are of the noise where it is known, else of the picture", () => {
  expect(variationsOf({ prompt: "a", seed: 7 }, "/a.png", 0.2)).toEqual({
    prompt: "a",
    seed: 7,
    count: 4,
    variationStrength: 0.2,
  });
  expect(variationsOf({ prompt: "a", seed: 7, strength: 0.5 }, "/a.png", 0.2)).toEqual({
    prompt: "a",
    count: 4,
    images: ["/a.png"],
    strength: 0.2,
    keepSize: true,
  });
  expect(reusable({ prompt: "a", mask: "m.png", fit: "cover", steps: 3 })).toEqual({ prompt: "a", steps: 3 });
});

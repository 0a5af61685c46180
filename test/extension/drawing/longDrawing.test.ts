import { expect, test, vi } from "vitest";

vi.mock("vscode", () => ({}));
const { longDrawingChoices, longDrawingText } = await import("../../../src/extension/drawing/longDrawing.ts");

const request = { prompt: "a", model: "sdxl", steps: 50, guidanceScale: 7, scheduler: "heun", seed: 1 };

test("a long drawing can be drawn by a few-step model as that is meant to run, or smaller", () => {
  const smaller = { width: 768, height: 768 };
  const [draw, fast, small] = longDrawingChoices({ seconds: 300, smaller, fewStepModels: ["turbo", "b"] });
  expect([draw?.title, fast?.title, small?.title]).toEqual(["Draw", "Draw with turbo", "Draw at 768×768"]);
  expect(fast?.kind === "change" && fast.change(request)).toEqual({ prompt: "a", model: "turbo", seed: 1 });
  expect(small?.kind === "change" && small.change(request)).toEqual({ ...request, size: smaller });
});

test("where there is no few-step model, one can be got", () => {
  expect(longDrawingChoices({ fewStepModels: [] }).map(({ kind }) => kind)).toEqual(["draw", "get"]);
});

test("time and memory are told", () => {
  expect(longDrawingText({ memoryBytes: 7.2e9, fewStepModels: [] }, 725)).toEqual({
    message: "This takes about 12 min 5 s.",
    detail:
      "That is how long steps took on this machine before. It needs about 7.20 GB of memory. You can cancel it at any time.",
  });
});

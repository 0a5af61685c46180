import { expect, test } from "vitest";
import type { PanelJob } from "../../src/protocol/panel/panelJob.ts";
import { waitingPlaces } from "../../webview/queue/waitingPlaces.ts";
import { emptyState, type PanelEvent, type PanelState, reduce } from "../../webview/state.ts";

const happened = (...events: readonly PanelEvent[]): PanelState => events.reduce(reduce, emptyState);
const job = (name: string, change: Partial<PanelJob> = {}): PanelJob => ({
  job: name,
  client: "Code",
  own: true,
  state: "waiting",
  prompt: `prompt ${name}`,
  images: 1,
  finished: 0,
  results: [],
  ...change,
});
const choices: PanelEvent = {
  kind: "choices",
  models: [{ name: "tiny", description: "in the box", role: "base" }],
  loras: [],
  devices: [],
  model: "tiny",
  device: "CPU",
  format: "png",
};

test("the settings choose the model where none is, or one that is gone", () => {
  expect(happened(choices).form).toMatchObject({ model: "tiny", device: "CPU" });
  expect(happened({ kind: "edit", change: { model: "gone" } }, choices).form.model).toBe("tiny");
});

test("a composition replaces the form and takes the picture away", () => {
  const source = { file: "/a.png", name: "a.png" };
  const state = happened(
    choices,
    { kind: "edit", change: { steps: "3", source } },
    { kind: "compose", request: { prompt: "a cat", seed: 5 }, mask: true },
  );
  expect(state.form).toMatchObject({
    prompt: "a cat",
    seed: "5",
    seedLocked: true,
    steps: "",
    model: "tiny",
  });
  expect(state.form.source).toBeUndefined();
  expect(state.isMasking).toBe(true);
});

test("another picture has no mask yet; the same one keeps its own", () => {
  const mask = { file: "/m.png", name: "mask" };
  const take = (file: string): PanelEvent => ({
    kind: "source",
    picture: { file, name: "a.png" },
    mimeType: "image/png",
    bytes: new Uint8Array(1),
  });
  const masked = reduce(happened(take("/a.png")), { kind: "mask", picture: mask });
  expect(reduce(masked, take("/a.png")).form.mask).toEqual(mask);
  expect(reduce(masked, take("/b.png")).form.mask).toBeUndefined();
  expect(reduce(masked, { kind: "masking", on: false }).form.mask).toBeUndefined();
});

test("a problem goes away when its field is changed", () => {
  const state = happened(
    { kind: "problems", problems: { steps: "too few", seed: "too large" } },
    { kind: "edit", change: { steps: "5" } },
  );
  expect(state.problems).toEqual({ seed: "too large" });
});

test("a preview stays until there is a newer one, and goes with its job", () => {
  const preview = { mimeType: "image/webp", width: 1, height: 1, data: "AA==" } as const;
  const report = { kind: "progress", job: "a", text: "step 1 of 4", fraction: 0.1 } as const;
  const state = happened({ kind: "jobs", jobs: [job("a")] }, { ...report, preview }, report);
  expect(state.progress["a"]?.preview).toEqual(preview);
  const ended = reduce(state, { kind: "jobs", jobs: [job("a", { state: "done" })] });
  expect(ended.progress).toEqual({});
});

test("each quarter and each end is said, not each step", () => {
  const report = (fraction: number): PanelEvent => ({
    kind: "progress",
    job: "a",
    text: `at ${fraction}`,
    fraction,
  });
  let state = happened({ kind: "jobs", jobs: [job("a"), job("b")] }, report(0.1));
  expect(state.announcement).toBe("");
  state = reduce(state, report(0.3));
  expect(state.announcement).toBe("Drawing: at 0.3.");
  state = reduce(state, report(0.4));
  expect(state.announcement).toBe("Drawing: at 0.3.");
  state = reduce(state, { kind: "jobs", jobs: [job("b"), job("a", { state: "done" })] });
  expect(state.announcement).toBe("Drawn: prompt a. 1 image to draw.");
  state = reduce(state, { kind: "jobs", jobs: [job("b", { state: "cancelled" })] });
  expect(state.announcement).toBe("Cancelled: prompt b.");
});

test("places count the window's own waiting jobs", () => {
  const jobs = [job("r", { state: "running" }), job("a"), job("x", { own: false }), job("b")];
  expect(waitingPlaces(jobs).get("a")).toEqual({ position: 0, isLast: false });
  expect(waitingPlaces(jobs).get("b")).toEqual({ position: 1, isLast: true });
  expect(waitingPlaces(jobs).get("r")).toBeUndefined();
});

import { expect, test } from "vitest";
import { splitBatch } from "../../../src/extension/panel/batch.ts";
import { PanelQueue } from "../../../src/extension/panel/panelQueue.ts";
import type { JobSummary } from "../../../src/protocol/job.ts";

const summary = (job: string, change: Partial<JobSummary> = {}): JobSummary => ({
  job,
  client: "Code",
  own: true,
  state: "waiting",
  prompt: job,
  images: 1,
  finished: 0,
  ...change,
});
const asked = (job: string) => ({ job, client: "Code", prompt: job, model: undefined, images: 1 });
const states = (queue: PanelQueue) => queue.jobs.map(({ job, state }) => `${job} ${state}`);
const image = {
  file: "/w/a.png",
  seed: 1,
  width: 8,
  height: 8,
  model: "tiny",
  timings: { load: 0, encode: 0, denoise: 0, decode: 0, write: 0 },
};

test("what was asked for is shown before the host tells of it", () => {
  const queue = new PanelQueue();
  queue.ask(asked("a"));
  queue.ask(asked("b"));
  queue.update([summary("x", { own: false, client: "limner generate" })]);
  expect(states(queue)).toEqual(["x waiting", "a waiting", "b waiting"]);
  queue.update([summary("b"), summary("a", { state: "running" })]);
  expect(states(queue)).toEqual(["b waiting", "a running"]);
});

test("what has ended stays with its image, the newest first; other clients' jobs do not", () => {
  const queue = new PanelQueue();
  queue.update([summary("a", { state: "running" }), summary("b"), summary("x", { own: false })]);
  queue.addImage("a", image);
  queue.update([summary("a", { state: "done", finished: 1 }), summary("b", { state: "running" })]);
  queue.update([summary("b", { state: "done" })]);
  queue.update([]);
  expect(states(queue)).toEqual(["b done", "a done"]);
  expect(queue.jobs[1]?.results).toEqual([{ file: "/w/a.png", seed: 1, width: 8, height: 8 }]);
});

test("a job whose host is gone is not left running", () => {
  const queue = new PanelQueue();
  queue.update([summary("a", { state: "running" })]);
  queue.update([]);
  expect(states(queue)).toEqual(["a cancelled"]);
});

test("a job that failed before the host had it says why", () => {
  const queue = new PanelQueue();
  queue.ask(asked("a"));
  queue.end("a", "failed", { sentence: "No host." });
  queue.update([]);
  expect(queue.jobs).toMatchObject([{ job: "a", state: "failed", failure: { sentence: "No host." } }]);
});

test("what has ended can be taken out of the list, what has not cannot", () => {
  const queue = new PanelQueue();
  queue.update([summary("a", { state: "done" }), summary("b", { state: "done" }), summary("c")]);
  queue.dismiss("c");
  queue.dismiss("a");
  expect(states(queue)).toEqual(["c waiting", "b done"]);
  queue.dismiss();
  expect(states(queue)).toEqual(["c waiting"]);
});

test("a batch is asked for image by image, with the seeds of the whole", () => {
  const request = { prompt: "a cat", seed: 7, count: 3, steps: 2 };
  expect(splitBatch(request, () => 0)).toEqual([
    { prompt: "a cat", seed: 7, steps: 2 },
    { prompt: "a cat", seed: 8, steps: 2 },
    { prompt: "a cat", seed: 9, steps: 2 },
  ]);
});

test("a batch of variations keeps the seed and counts the variation's", () => {
  const request = { prompt: "a cat", seed: 7, count: 2, variationStrength: 0.2 };
  expect(splitBatch(request, () => 40)).toEqual([
    { prompt: "a cat", seed: 7, variationStrength: 0.2, variationSeed: 40 },
    { prompt: "a cat", seed: 7, variationStrength: 0.2, variationSeed: 41 },
  ]);
});

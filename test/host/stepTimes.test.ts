import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { estimateJob } from "../../src/host/jobEstimate.ts";
import { StepTimes } from "../../src/host/stepTimes.ts";
import { readModelFolder } from "../../src/models/modelFolder.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-times-"));
  file = join(folder, "cache", "step-times.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kind = { model: "m", device: "CPU", precision: "auto", isGuided: true };
const size = (side: number) => ({ width: side, height: side });

test("what was measured is told again, in the next process too", async () => {
  await new StepTimes(file).record({ ...kind, size: size(1024) }, 9);
  await new StepTimes(file).record({ ...kind, size: size(512) }, 2);
  const times = new StepTimes(file);
  expect(await times.secondsOf({ ...kind, size: size(1024) })).toBe(9);
  expect(await times.secondsOf({ ...kind, size: size(512) })).toBe(2);
  // By its pixels, from the nearest that was measured.
  expect(await times.secondsOf({ ...kind, size: { width: 512, height: 640 } })).toBeCloseTo(2.5);
});

test("nothing is told of what was not measured", async () => {
  const times = new StepTimes(file);
  expect(await times.secondsOf({ ...kind, size: size(512) })).toBeUndefined();
  await times.record({ ...kind, size: size(256) }, 1);
  expect(await times.secondsOf({ ...kind, size: size(1024) })).toBeUndefined();
  expect(await times.secondsOf({ ...kind, isGuided: false, size: size(256) })).toBeUndefined();
  expect(await times.secondsOf({ ...kind, model: "other", size: size(256) })).toBeUndefined();
});

test("a damaged file counts as none", async () => {
  writeFileSync(join(folder, "bad.json"), "{");
  expect(await new StepTimes(join(folder, "bad.json")).secondsOf({ ...kind, size: size(8) })).toBeUndefined();
});

test("a drawing takes its steps times its images, of a picture only its strength's part", async () => {
  const times = new StepTimes(file);
  const path = "models/limner-tiny";
  const { name, config } = readModelFolder(path);
  await times.record({ ...kind, model: name, size: config.defaultSize }, 3);
  const estimate = (request: object, longerThan = 120) =>
    estimateJob({ request: { prompt: "a", model: path, ...request }, longerThan }, times, readModelFolder);
  expect(await estimate({ steps: 10, count: 4, guidanceScale: 4 })).toEqual({
    seconds: 120,
    fewStepModels: [],
  });
  const slow = await estimate({ steps: 41, guidanceScale: 4 });
  expect(slow).toMatchObject({ seconds: 123, smaller: undefined });
  expect(slow.memoryBytes).toBeGreaterThan(10e6);
  expect(await estimate({ steps: 10, guidanceScale: 1 })).toEqual({ fewStepModels: [] });
  expect(await estimate({ steps: 10, guidanceScale: 4, upscale: 2 })).toEqual({ fewStepModels: [] });
});

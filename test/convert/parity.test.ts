// Tiny pipelines of different shapes, converted and run in float32, against what torch computed with the same weights
// (test/reference/make_converter_fixtures.py).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertModel } from "../../src/convert/convertModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { compareConverted } from "../parity/networkCases.ts";
import { tolerances } from "../parity/tolerances.ts";
import { fixtures, pipelines } from "./convertedModel.ts";

const folder = temporaryFolder();
let runtime: Runtime;

beforeAll(async () => {
  runtime = await openRuntime();
});
afterAll(() => {
  runtime?.dispose();
  rmSync(folder, { recursive: true });
});

describe("a converted pipeline computes what torch does, to 1e-4", () => {
  it.each(pipelines)("%s", async (pipeline) => {
    const out = join(folder, pipeline);
    await convertModel({ source: join(fixtures, pipeline, "source"), out, weights: "fp32" });
    const found = await compareConverted(runtime, out, pipeline);
    for (const [output, difference] of Object.entries(found))
      expect(difference, output).toBeLessThan(tolerances.networks);
  });

  it.each(["sdxl-like", "refiner-like"])("%s from a single file", async (pipeline) => {
    const out = join(folder, `${pipeline}-single`);
    const configuration = join(fixtures, pipeline, "source");
    const source = join(fixtures, pipeline, "single-file.safetensors");
    await convertModel({ source, out, weights: "fp32", configuration });
    const found = await compareConverted(runtime, out, pipeline);
    for (const [output, difference] of Object.entries(found))
      expect(difference, output).toBeLessThan(tolerances.networks);
  });
});

// The refiner in the box behind the model in the box: the picture stays what the caption says, its outline gets sharper.
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outlineOf } from "../../../bench/accuracy/comparison.ts";
import { readGrammar, type Scene } from "../../../bench/accuracy/grammar.ts";
import { imageCheck, judge, type Seen } from "../../../bench/accuracy/imageCheck.ts";
import { type OpenModel, openModel } from "../../../src/host/openModel.ts";
import { resolveRequest } from "../../../src/host/resolveRequest.ts";
import { openRuntime } from "../../../src/openvino/find.ts";
import type { Runtime } from "../../../src/openvino/runtime.ts";
import { drawImages } from "../../../src/pipelines/drawing.ts";
import type { GenerateRequest } from "../../../src/protocol/generateRequest.ts";

const check = imageCheck(readGrammar("models/training/grammar.json"));
const prompt = "a large yellow cross on a purple background";
const scene: Scene = { shape: "cross", color: "yellow", background: "purple", size: "large" };

let runtime: Runtime;
let base: OpenModel;
let refiner: OpenModel;
let alone: Seen;

beforeAll(async () => {
  runtime = await openRuntime();
  const open = (name: string) =>
    openModel(resolve("models", name), runtime, { device: "CPU", precision: "f32" });
  base = open("limner-tiny");
  refiner = open("limner-tiny-refiner");
  alone = await see({});
}, 60_000);

afterAll(async () => {
  await base?.dispose();
  await refiner?.dispose();
  runtime?.dispose();
});

async function see(request: Partial<GenerateRequest>): Promise<Seen> {
  const parameters = resolveRequest({ prompt, seed: 3, ...request }, base.folder, undefined, refiner.folder);
  const sources = { base: base.pipeline, refiner: refiner.pipeline };
  for await (const { image } of drawImages(sources, parameters)) return check(image);
  throw new Error("nothing was drawn");
}

describe("the refiner in the box", () => {
  it.each([
    ["finishes the base's schedule", { handoff: 0.8 }],
    ["refines finished pictures", { refineStrength: 0.3 }],
  ])(
    "%s with sharper outlines",
    async (_, way) => {
      const seen = await see({ refiner: "limner-tiny-refiner", ...way });
      expect(judge(seen, scene).all).toBe(true);
      expect(outlineOf([seen])).toBeLessThan(0.8 * outlineOf([alone]));
    },
    60_000,
  );

  it("mends less at a low aesthetic score", async () => {
    const way = { refiner: "limner-tiny-refiner", handoff: 0.8 };
    const [low, high] = [await see({ ...way, aestheticScore: 0 }), await see({ ...way, aestheticScore: 6 })];
    expect(high.overlap).toBeGreaterThan(low.overlap);
  }, 60_000);
});

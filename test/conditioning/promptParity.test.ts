// Weights, chunks and embeddings against a recomputation with transformers, whose formulas stand in
// test/reference/make_conditioning_fixtures.py.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embedPrompts } from "../../src/conditioning/promptEmbeddings.ts";
import { parsePromptWeights } from "../../src/conditioning/promptWeights.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { readEmbeddings } from "../../src/models/embeddingFiles.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";

const fixtures = "test/fixtures/conditioning";

interface Stored {
  states: string;
  pooled: string;
}
interface WeightedCase {
  name: string;
  prompt: string;
  parts: [text: string, weight: number][];
  chunks: number;
  positive: Stored;
  negativePrompt?: string;
  negative?: Stored;
}
interface EmbeddingCase extends Stored {
  file: string;
  prompt: string;
}
const index: { weighted: WeightedCase[]; embeddings: EmbeddingCase[] } = JSON.parse(
  readFileSync(join(fixtures, "index.json"), "utf8"),
);
const floats = (file: string) => readFloats(join(fixtures, file)).data;

let runtime: Runtime;
let model: OpenModel;

beforeAll(async () => {
  runtime = await openRuntime();
  model = openModel(resolve("test/fixtures/tiny-sdxl"), runtime, { device: "CPU", precision: "f32" });
});

afterAll(async () => {
  await model?.dispose();
  runtime?.dispose();
});

const embed = (prompts: Parameters<typeof embedPrompts>[1], guidance = true) =>
  embedPrompts(model.pipeline.promptEncoders, prompts, { guidance, zeroAbsentNegative: true });

describe("weighted prompts", () => {
  it.each(index.weighted)("are read as the reference reads them: $name", ({ prompt, parts }) => {
    expect(parsePromptWeights(prompt)).toEqual(
      parts.map(([text, weight]) => ({ text, weight: expect.closeTo(weight, 12) })),
    );
  });

  it.each(index.weighted)(
    "have the reference's embeddings: $name",
    async ({ prompt, negativePrompt, chunks, ...stored }) => {
      const { positive, negative, warnings } = await embed({ prompt, negativePrompt });
      expect(positive.hiddenStates.shape).toEqual([1, 77 * chunks, 80]);
      expect(negative?.hiddenStates.shape).toEqual(positive.hiddenStates.shape);
      expect(relativeDifference(positive.hiddenStates.data, floats(stored.positive.states))).toBeLessThan(
        1e-4,
      );
      expect(relativeDifference(positive.pooled.data, floats(stored.positive.pooled))).toBeLessThan(1e-4);
      if (!stored.negative) {
        expect(negative?.hiddenStates.data.every((value) => value === 0)).toBe(true);
      } else {
        expect(
          relativeDifference(negative?.hiddenStates.data ?? [], floats(stored.negative.states)),
        ).toBeLessThan(1e-4);
        expect(relativeDifference(negative?.pooled.data ?? [], floats(stored.negative.pooled))).toBeLessThan(
          1e-4,
        );
      }
      expect(warnings).toEqual([]);
    },
  );

  it("get as many chunks for both prompts as the longer has, whichever that is", async () => {
    const long = "fox, ".repeat(30);
    const { positive, negative } = await embed({ prompt: "fox", negativePrompt: long });
    expect(positive.hiddenStates.shape).toEqual([1, 154, 80]);
    expect(negative?.hiddenStates.shape).toEqual([1, 154, 80]);
    const { positive: second } = await embed({ prompt: "fox", prompt2: long }, false);
    expect(second.hiddenStates.shape).toEqual([1, 154, 80]);
    // What is filled up is an empty prompt: the first encoder's states are those of "" then.
    const { positive: empty } = await embed({ prompt: "" }, false);
    const widthOfFirst = 32;
    const at = (states: Float32Array, token: number) => states.slice(token * 80, token * 80 + widthOfFirst);
    expect(at(second.hiddenStates.data, 80)).toEqual(at(empty.hiddenStates.data, 3));
  });
});

describe("embeddings", () => {
  it.each(index.embeddings)("take the place of tokens: $prompt", async ({ file, prompt, states, pooled }) => {
    const embeddings = await readEmbeddings([join(fixtures, file)], model.folder);
    const { positive } = await embed({ prompt, embeddings }, false);
    expect(relativeDifference(positive.hiddenStates.data, floats(states))).toBeLessThan(1e-4);
    expect(relativeDifference(positive.pooled.data, floats(pooled))).toBeLessThan(1e-4);
  });

  it("change nothing in prompts that do not name them", async () => {
    const embeddings = await readEmbeddings([join(fixtures, "snow-fox-1.safetensors")], model.folder);
    const prompt = "a red fox";
    const [without, unnamed, beside] = [
      await embed({ prompt }),
      await embed({ prompt, embeddings }),
      await embed({ prompt, embeddings, negativePrompt: "snow-fox-1" }),
    ];
    expect(unnamed.positive.hiddenStates.data).toEqual(without.positive.hiddenStates.data);
    // The negative prompt's word makes both prompts go through the encoder that takes vectors.
    expect(
      relativeDifference(beside.positive.hiddenStates.data, without.positive.hiddenStates.data),
    ).toBeLessThan(1e-6);
  });
});

describe("clip skip", () => {
  it("is refused where the encoder has too few layers", async () => {
    await expect(embed({ prompt: "fox", clipSkip: 3 })).rejects.toThrow(
      "The clip skip 3 is not possible: the largest for this model's text encoders is 2.",
    );
  });

  it("leaves the negative prompt alone", async () => {
    const plain = await embed({ prompt: "fox", negativePrompt: "fox" });
    const skipped = await embed({ prompt: "fox", negativePrompt: "fox", clipSkip: 1 });
    expect(skipped.negative?.hiddenStates.data).toEqual(plain.positive.hiddenStates.data);
    expect(
      relativeDifference(skipped.positive.hiddenStates.data, plain.positive.hiddenStates.data),
    ).toBeGreaterThan(0.01);
  });
});

// Weights, chunks and embeddings against a recomputation with transformers, whose formulas stand in
// test/reference/make_conditioning_fixtures.py.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embedPrompts } from "../../src/conditioning/promptEmbeddings.ts";
import { parsePromptWeights } from "../../src/conditioning/promptWeights.ts";
import type { OpenModel } from "../../src/host/openModel.ts";
import { readEmbeddings } from "../../src/models/embeddingFiles.ts";
import { compareEmbedding, compareWeighted, embeddingCases, weightedCases } from "../parity/promptCases.ts";
import { TinyModels } from "../parity/tinyModels.ts";
import { tolerances } from "../parity/tolerances.ts";
import { relativeDifference } from "../support/difference.ts";

let models: TinyModels;
let model: OpenModel;

beforeAll(async () => {
  models = await TinyModels.open();
  model = models.model("tiny-sdxl");
});

afterAll(async () => {
  await models?.dispose();
});

const embed = (prompts: Parameters<typeof embedPrompts>[1], guidance = true) =>
  embedPrompts(model.pipeline.promptEncoders, prompts, { guidance, zeroAbsentNegative: true });

describe("weighted prompts", () => {
  it.each(weightedCases)("are read as the reference reads them: $name", ({ prompt, parts }) => {
    expect(parsePromptWeights(prompt)).toEqual(
      parts.map(([text, weight]) => ({ text, weight: expect.closeTo(weight, 12) })),
    );
  });

  it.each(weightedCases)("have the reference's embeddings: $name", async (entry) => {
    expect(await compareWeighted(entry, models)).toBeLessThan(tolerances.networks);
    const { prompt, negativePrompt, chunks } = entry;
    const { positive, negative, warnings } = await embed({ prompt, negativePrompt });
    expect(positive.hiddenStates.shape).toEqual([1, 77 * chunks, 80]);
    expect(negative?.hiddenStates.shape).toEqual(positive.hiddenStates.shape);
    expect(warnings).toEqual([]);
  });

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
  it.each(embeddingCases)("take the place of tokens: $prompt", async (entry) => {
    expect(await compareEmbedding(entry, models)).toBeLessThan(tolerances.networks);
  });

  it("change nothing in prompts that do not name them", async () => {
    const embeddings = await readEmbeddings(
      ["test/fixtures/conditioning/snow-fox-1.safetensors"],
      model.folder,
    );
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

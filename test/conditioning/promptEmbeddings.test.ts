// The text encoders of a tiny random SDXL against transformers and diffusers (test/reference/make_outputs.py).
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmbeddingCache } from "../../src/conditioning/embeddingCache.ts";
import {
  embedPrompts,
  type PromptEncoder,
  type PromptMemory,
} from "../../src/conditioning/promptEmbeddings.ts";
import { encodeText } from "../../src/conditioning/textEncoder.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { relativeDifference } from "../support/difference.ts";
import { readFloats } from "../support/npy.ts";

const outputs = "test/fixtures/tiny-sdxl-outputs";
const read = (name: string) => JSON.parse(readFileSync(join(outputs, name), "utf8"));

interface EncoderCase {
  prompt: string;
  penultimate: string;
  penultimate2: string;
  textEmbeds: string;
}
interface PromptCase {
  prompt: string;
  prompt2?: string;
  negativePrompt?: string;
  negativePrompt2?: string;
  promptEmbeds: string;
  pooledPromptEmbeds: string;
  negative?: "zeros";
  negativePromptEmbeds?: string;
  negativePooledPromptEmbeds?: string;
}
const index: { textEncoders: EncoderCase[]; promptEmbeddings: PromptCase[] } = read("index.json");
const tokens: { prompts: { text: string; ids: number[]; ids2: number[] }[] } = read("tokens.json");

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

const floats = (file: string) => readFloats(join(outputs, file)).data;

describe("the tokenizers of the folder", () => {
  it.each(tokens.prompts)("give transformers' ids for $text", ({ text, ids, ids2 }) => {
    const [first, second] = model.pipeline.promptEncoders;
    expect(first?.tokenizer.encode(text).ids).toEqual(ids);
    expect(second?.tokenizer.encode(text).ids).toEqual(ids2 ?? ids);
  });
});

describe("the text encoders", () => {
  it.each(index.textEncoders)(
    "agree with transformers: $prompt",
    async ({ prompt, penultimate, penultimate2, textEmbeds }) => {
      const [first, second] = model.pipeline.promptEncoders;
      if (!first || !second) throw new Error("two encoders are expected");
      const one = await first.use((compiled) => encodeText(compiled, first.tokenizer.encode(prompt).ids));
      const two = await second.use((compiled) => encodeText(compiled, second.tokenizer.encode(prompt).ids));
      expect(one.pooled).toBeUndefined();
      expect(relativeDifference(one.hiddenStates.data, floats(penultimate))).toBeLessThan(1e-4);
      expect(relativeDifference(two.hiddenStates.data, floats(penultimate2))).toBeLessThan(1e-4);
      expect(relativeDifference(two.pooled?.data ?? [], floats(textEmbeds))).toBeLessThan(1e-4);
    },
  );
});

describe("prompt embeddings", () => {
  const cases = index.promptEmbeddings.map(
    (entry) => [JSON.stringify(entry.negativePrompt ?? null), entry] as const,
  );

  it.each(cases)("agree with diffusers' encode_prompt, negative prompt %s", async (_, entry) => {
    const { positive, negative } = await embedPrompts(
      model.pipeline.promptEncoders,
      { ...entry, longPrompts: "cut", weighting: "off" },
      { guidance: true, zeroAbsentNegative: true },
    );
    expect(positive.hiddenStates.shape).toEqual([1, 77, 80]);
    expect(relativeDifference(positive.hiddenStates.data, floats(entry.promptEmbeds))).toBeLessThan(1e-4);
    expect(relativeDifference(positive.pooled.data, floats(entry.pooledPromptEmbeds))).toBeLessThan(1e-4);
    if (entry.negative === "zeros") {
      expect(negative?.hiddenStates.data.every((value) => value === 0)).toBe(true);
      expect(negative?.pooled.data.every((value) => value === 0)).toBe(true);
      expect(negative?.hiddenStates.shape).toEqual(positive.hiddenStates.shape);
    } else {
      expect(
        relativeDifference(negative?.hiddenStates.data ?? [], floats(entry.negativePromptEmbeds ?? "")),
      ).toBeLessThan(1e-4);
      expect(
        relativeDifference(negative?.pooled.data ?? [], floats(entry.negativePooledPromptEmbeds ?? "")),
      ).toBeLessThan(1e-4);
    }
  });

  it("encodes an absent negative prompt as an empty one where the model asks for no zeros", async () => {
    const absent = await embedPrompts(
      model.pipeline.promptEncoders,
      { prompt: "a" },
      { guidance: true, zeroAbsentNegative: false },
    );
    const empty = await embedPrompts(
      model.pipeline.promptEncoders,
      { prompt: "a", negativePrompt: "" },
      { guidance: true, zeroAbsentNegative: true },
    );
    expect(absent.negative?.hiddenStates.data).toEqual(empty.negative?.hiddenStates.data);
  });

  it("leaves the negative prompt out without guidance, and says what was cut", async () => {
    const long = `${"fox ".repeat(80)}end`;
    const { negative, warnings } = await embedPrompts(
      model.pipeline.promptEncoders,
      { prompt: long, negativePrompt: long, longPrompts: "cut" },
      { guidance: false, zeroAbsentNegative: true },
    );
    expect(negative).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^The prompt is longer than 75 tokens: ".*end" was left out\.$/);
  });

  describe("that are remembered", () => {
    /** The model's encoders, counting how often they run. */
    function counted() {
      let runs = 0;
      const encoders = model.pipeline.promptEncoders.map(
        (encoder): PromptEncoder => ({
          ...encoder,
          use: (task) => {
            runs += 1;
            return encoder.use(task);
          },
        }),
      );
      return { encoders, runs: () => runs };
    }
    const guided = { guidance: true, zeroAbsentNegative: true };

    it("take no encoder the second time, and are the same", async () => {
      const { encoders, runs } = counted();
      const memory: PromptMemory = { cache: new EmbeddingCache(), model: "tiny" };
      const first = await embedPrompts(encoders, { prompt: "a fox" }, { ...guided, memory });
      const again = await embedPrompts(encoders, { prompt: "a fox" }, { ...guided, memory });
      expect(runs()).toBe(2);
      expect(again).toEqual(first);
      const fresh = await embedPrompts(encoders, { prompt: "a fox" }, guided);
      expect(fresh).toEqual(first);
    });

    it("are others for another prompt, reading, model or guidance, and say again what was cut", async () => {
      const { encoders, runs } = counted();
      const memory: PromptMemory = { cache: new EmbeddingCache(), model: "tiny" };
      const long = `${"fox ".repeat(80)}end`;
      const variants = [
        () => embedPrompts(encoders, { prompt: "a (fox)" }, { ...guided, memory }),
        () => embedPrompts(encoders, { prompt: "a (fox)", weighting: "off" }, { ...guided, memory }),
        () => embedPrompts(encoders, { prompt: "a fox", clipSkip: 1 }, { ...guided, memory }),
        () => embedPrompts(encoders, { prompt: "a fox", negativePrompt: "" }, { ...guided, memory }),
        () => embedPrompts(encoders, { prompt: "a fox" }, { ...guided, guidance: false, memory }),
        () =>
          embedPrompts(encoders, { prompt: "a fox" }, { ...guided, memory: { ...memory, model: "other" } }),
        () => embedPrompts(encoders, { prompt: long, longPrompts: "cut" }, { ...guided, memory }),
        () => embedPrompts(encoders, { prompt: long }, { ...guided, memory }),
      ];
      const first = [];
      for (const variant of variants) first.push(await variant());
      expect(runs()).toBe(2 * variants.length);
      const again = [];
      for (const variant of variants) again.push(await variant());
      expect(runs()).toBe(2 * variants.length);
      expect(again).toEqual(first);
      expect(again[6]?.warnings).toHaveLength(1);
    });
  });
});

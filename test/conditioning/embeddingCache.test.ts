import { describe, expect, it } from "vitest";
import { EmbeddingCache, type EmbeddingInput, embeddingKey } from "../../src/conditioning/embeddingCache.ts";
import type { PromptChunk } from "../../src/conditioning/promptChunks.ts";

const embedding = (floats: number) => ({
  hiddenStates: { data: new Float32Array(floats - 1) },
  pooled: { data: new Float32Array(1) },
});

describe("remembered embeddings", () => {
  it("are those that were kept, by their key", () => {
    const cache = new EmbeddingCache();
    const kept = { positive: embedding(4), negative: embedding(4) };
    cache.set("a", kept);
    expect(cache.get("a")).toBe(kept);
    expect(cache.get("b")).toBeUndefined();
    expect(cache.bytes).toBe(32);
  });

  it("make room by least recent use, and stay within the limit", () => {
    const cache = new EmbeddingCache(100);
    cache.set("a", { positive: embedding(10) });
    cache.set("b", { positive: embedding(10) });
    cache.get("a");
    cache.set("c", { positive: embedding(10) });
    expect(["a", "b", "c"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
    expect(cache.bytes).toBe(80);
    cache.set("c", { positive: embedding(5) });
    expect(cache.bytes).toBe(60);
    cache.set("d", { positive: embedding(26) });
    expect(["a", "c", "d"].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined]);
    expect(cache.bytes).toBe(0);
  });
});

describe("the key of prompts", () => {
  const chunk = (
    ids: number[],
    weights = ids.map(() => 1),
    vectors = new Map<number, Float32Array>(),
  ): PromptChunk => ({
    ids,
    weights,
    vectors,
  });
  const input: EmbeddingInput = {
    model: "m",
    clipSkip: 0,
    positive: [[chunk([1, 2])], [chunk([1, 2])]],
    negative: [[chunk([3])], [chunk([3])]],
    guidance: true,
  };
  const key = embeddingKey(input);
  const vectors = (value: number) => new Map([[1, new Float32Array([value, 2])]]);
  const withVectors = (value: number) => ({ ...input, positive: [[chunk([1, 0], [1, 1], vectors(value))]] });

  it("is the same for the same", () => {
    expect(embeddingKey(structuredClone(input))).toBe(key);
    expect(embeddingKey(withVectors(5))).toBe(embeddingKey(withVectors(5)));
  });

  const others: [string, EmbeddingInput][] = [
    ["another model", { ...input, model: "n" }],
    ["a clip skip", { ...input, clipSkip: 1 }],
    ["no guidance", { ...input, guidance: false }],
    ["another token", { ...input, positive: [[chunk([1, 4])], [chunk([1, 2])]] }],
    ["another token for the second encoder", { ...input, positive: [[chunk([1, 2])], [chunk([1, 4])]] }],
    ["another weight", { ...input, positive: [[chunk([1, 2], [1, 1.1])], [chunk([1, 2])]] }],
    ["another negative prompt", { ...input, negative: [[chunk([4])], [chunk([3])]] }],
    ["zeros for the negative prompt", { ...input, negative: [] }],
    ["both prompts exchanged", { ...input, positive: input.negative, negative: input.positive }],
    ["tokens in other chunks", { ...input, positive: [[chunk([1]), chunk([2])], [chunk([1, 2])]] }],
    ["vectors", withVectors(5)],
    ["other vectors", withVectors(6)],
  ];
  it("is another for everything that changes the embeddings", () => {
    const keys = new Set(others.map(([, other]) => embeddingKey(other)).concat(key));
    expect(keys.size).toBe(others.length + 1);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createClipTokenizer } from "../../src/conditioning/clipTokenizer.ts";
import { chunkPrompt, emptyChunk } from "../../src/conditioning/promptChunks.ts";
import type { TokenEmbedding } from "../../src/conditioning/tokenEmbedding.ts";

const [start, end, cat, dog] = [49406, 49407, 2368, 1929];
const tokenizer = createClipTokenizer(
  {
    folder: "clip",
    config: { pad_token: "!" },
    vocabulary: JSON.parse(readFileSync("models/clip-tokenizer/vocab.json", "utf8")),
    merges: readFileSync("models/clip-tokenizer/merges.txt", "utf8"),
  },
  77,
);
const cats = (count: number) => "cat ".repeat(count);
const chunk = (prompt: string, reading = {}) => chunkPrompt(tokenizer, 0, prompt, reading);

/** An embedding of vectors [n, n] for n from 1. */
const embedding = (word: string, count: number): TokenEmbedding => {
  const values = Float32Array.from({ length: 2 * count }, (_, at) => Math.floor(at / 2) + 1);
  return { word, encoders: [{ count, width: 2, values }] };
};

describe("the chunks of a prompt", () => {
  it("are one of 77 tokens for a short prompt: start, words, end, padding", () => {
    const { chunks, cut } = chunk("cat dog");
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.ids).toEqual([start, cat, dog, end, ...Array(73).fill(0)]);
    expect(chunks[0]?.weights).toEqual(Array(77).fill(1));
    expect(cut).toBe("");
  });

  it("are one for an empty prompt", () => {
    expect(chunk("").chunks).toEqual([emptyChunk(tokenizer)]);
    expect(emptyChunk(tokenizer).ids).toEqual([start, end, ...Array(75).fill(0)]);
  });

  it("have 75 tokens each, with a start and an end of their own", () => {
    expect(chunk(cats(75)).chunks).toHaveLength(1);
    const { chunks } = chunk(`${cats(75)}dog`);
    expect(chunks.map(({ ids }) => ids)).toEqual([
      [start, ...Array(75).fill(cat), end],
      [start, dog, end, ...Array(74).fill(0)],
    ]);
    expect(chunk(cats(226)).chunks).toHaveLength(4);
  });

  it("carry weights over", () => {
    const [first, second] = chunk(`${cats(74)}(cat dog:1.5)`).chunks;
    expect(first?.weights).toEqual([...Array(75).fill(1), 1.5, 1]);
    expect(second?.weights).toEqual([1, 1.5, ...Array(75).fill(1)]);
  });

  it("take brackets as text where weighting is off", () => {
    const [{ ids, weights } = emptyChunk(tokenizer)] = chunk("(cat:1.5)", { weighting: "off" }).chunks;
    expect(ids.slice(0, 7)).toEqual(tokenizer.encode("(cat:1.5)").ids.slice(0, 7));
    expect(weights).toEqual(Array(77).fill(1));
  });

  it("are cut to the first on demand, weights and all, and the rest is named", () => {
    const { chunks, cut } = chunk(`${cats(74)}(dog:2) purple dog`, { longPrompts: "cut" });
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.ids).toEqual(tokenizer.encode(`${cats(74)}dog purple dog`).ids);
    expect(chunks[0]?.weights.at(75)).toBe(2);
    expect(cut).toBe("purple dog");
  });
});

describe("an embedding in a prompt", () => {
  it("puts its vectors in the place of tokens, with the weight of the word", () => {
    const { chunks } = chunk("cat (fur:1.2) dog", { embeddings: [embedding("fur", 2)] });
    expect(chunks[0]?.ids.slice(0, 6)).toEqual([start, cat, 0, 0, dog, end]);
    expect(chunks[0]?.weights.slice(0, 6)).toEqual([1, 1, 1.2, 1.2, 1, 1]);
    expect([...(chunks[0]?.vectors ?? [])]).toEqual([
      [2, Float32Array.of(1, 1)],
      [3, Float32Array.of(2, 2)],
    ]);
  });

  it("stays in one chunk", () => {
    const { chunks } = chunk(`${cats(74)} fur`, { embeddings: [embedding("fur", 2)] });
    expect(chunks.map(({ vectors }) => [...vectors.keys()])).toEqual([[], [1, 2]]);
    expect(chunks[0]?.ids).toEqual([start, ...Array(74).fill(cat), end, 0]);
  });

  it("is cut through, and named, where prompts are cut", () => {
    const { chunks, cut } = chunk(`${cats(74)} fur`, {
      embeddings: [embedding("fur", 2)],
      longPrompts: "cut",
    });
    expect([...(chunks[0]?.vectors.keys() ?? [])]).toEqual([75]);
    expect(cut).toBe("fur");
  });
});

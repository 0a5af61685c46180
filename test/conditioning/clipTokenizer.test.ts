import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createClipTokenizer } from "../../src/conditioning/clipTokenizer.ts";
import { clipTokenizers, tokenCases, tokenIds } from "../parity/promptCases.ts";

const vocabulary: unknown = JSON.parse(readFileSync("models/clip-tokenizer/vocab.json", "utf8"));
const merges = readFileSync("models/clip-tokenizer/merges.txt", "utf8");

describe("CLIP's full vocabulary", () => {
  const tokenizers = clipTokenizers();
  const { first, second } = tokenizers;

  it.each(tokenCases.map((entry, index) => [index, entry] as const))(
    "string %i has transformers' ids",
    (_, entry) => {
      const { ours, theirs } = tokenIds(entry, tokenizers);
      expect(ours).toEqual(theirs);
    },
  );

  it("pads with its own token, and starts and ends", () => {
    expect(first.encode("a cat").ids.slice(0, 6)).toEqual([49406, 320, 2368, 49407, 49407, 49407]);
    expect(second.encode("a cat").ids.slice(0, 6)).toEqual([49406, 320, 2368, 49407, 0, 0]);
    expect(first.encode("a cat").ids).toHaveLength(77);
  });

  it("cuts what does not fit and says what it was", () => {
    const words = `${"cat ".repeat(75)}purple dog!`;
    const { ids, cut } = first.encode(words);
    expect(ids).toHaveLength(77);
    expect(ids[76]).toBe(49407);
    expect(ids[75]).toBe(2368);
    expect(cut).toBe("purple dog!");
    expect(first.encode("cat ".repeat(75)).cut).toBe("");
  });
});

describe("a tokenizer's files", () => {
  it("gives the same ids from a tokenizer.json", () => {
    const tiny = {
      "<|startoftext|>": 0,
      "<|endoftext|>": 1,
      a: 2,
      "a</w>": 3,
      b: 4,
      "b</w>": 5,
      "ab</w>": 6,
    };
    const config = { pad_token: "<|endoftext|>", model_max_length: 8 };
    const own = createClipTokenizer(
      { folder: "t", config, vocabulary: tiny, merges: "#version: 0.2\na b</w>" },
      8,
    );
    expect(own.encode("AB ba").ids).toEqual([0, 6, 4, 3, 1, 1, 1, 1]);
  });

  it("says which special token is missing", () => {
    const files = { folder: "models/x/tokenizer", config: { pad_token: "<pad>" }, vocabulary, merges };
    expect(() => createClipTokenizer(files, 77)).toThrow(
      'The tokenizer in models/x/tokenizer cannot be used: its padding token "<pad>" is not in the vocabulary.',
    );
  });

  it("says when there is neither form", () => {
    expect(() => createClipTokenizer({ folder: "models/x/tokenizer", config: {} }, 77)).toThrow(
      "it has neither vocab.json with merges.txt nor a tokenizer.json",
    );
  });
});

import { describe, expect, it } from "vitest";
import { findEmbeddings, type TokenEmbedding } from "../../src/conditioning/tokenEmbedding.ts";

const embedding = (word: string): TokenEmbedding => ({ word, encoders: [] });
const fox = embedding("snow-fox");
const fox2 = embedding("snow-fox (2)");
const cat = embedding("<cat>");

/** The pieces of a text: strings, and the words of embeddings in an array of their own. */
const pieces = (text: string) =>
  findEmbeddings(text, [fox, fox2, cat]).map((piece) =>
    "text" in piece ? piece.text : [piece.embedding.word],
  );

describe("the words of embeddings", () => {
  it.each([
    ["a Snow-Fox, painted", ["a ", ["snow-fox"], ", painted"]],
    ["snow-fox", [["snow-fox"]]],
    ["snow-fox (2) <cat><cat>", [["snow-fox (2)"], " ", ["<cat>"], ["<cat>"]]],
    ["snow-foxes, my-snow-fox, snow-fox2", ["snow-foxes, my-snow-fox, snow-fox2"]],
    ["", []],
  ])("are found in %j", (text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it("are looked for only where there are some", () => {
    expect(findEmbeddings("snow-fox", [])).toEqual([{ text: "snow-fox" }]);
  });
});

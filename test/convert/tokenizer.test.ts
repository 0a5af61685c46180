import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { packStrings, specialTokenPattern, tokenBytes } from "../../src/convert/tokenizerConstants.ts";
import { readClipTokenizer, writeTokenizerFiles } from "../../src/convert/tokenizerFiles.ts";
import { tokenizerGraph } from "../../src/convert/tokenizerGraph.ts";
import { nodesOfType } from "../../src/graph/graph.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const tiny = "test/fixtures/tiny-sdxl/tokenizer_2";

describe("a tokenizer", () => {
  it("is CLIP's own where a checkpoint has none", async () => {
    const first = await readClipTokenizer(undefined, "first");
    const second = await readClipTokenizer(undefined, "second");
    expect(first.vocabulary.size).toBe(49408);
    expect(first.merges.length).toBe(48894);
    expect(first.merges[0]).toEqual(["i", "n"]);
    expect(first.vocabulary.get("<|startoftext|>")).toBe(49406);
    expect([first.padToken, second.padToken]).toEqual(["<|endoftext|>", "!"]);
  });

  it("is written as it was read", async () => {
    const original = await readClipTokenizer(tiny, "second");
    const copy = join(folder, "copy");
    await writeTokenizerFiles(original, copy);
    expect(await readClipTokenizer(copy, "second")).toEqual(original);
  });

  it("is read from tokenizer.json alone, whichever way it lists merges", async () => {
    const original = await readClipTokenizer(tiny, "second");
    const vocab = Object.fromEntries(original.vocabulary);
    for (const [name, merges] of [
      ["strings", original.merges.map((pair) => pair.join(" "))],
      ["pairs", original.merges],
    ] as const) {
      const fast = join(folder, name);
      mkdirSync(fast);
      writeFileSync(join(fast, "tokenizer.json"), JSON.stringify({ model: { vocab, merges } }));
      writeFileSync(join(fast, "tokenizer_config.json"), JSON.stringify(original.config));
      const read = await readClipTokenizer(fast, "second");
      expect(read.vocabulary).toEqual(original.vocabulary);
      expect(read.merges).toEqual(original.merges);
    }
  });

  it.each([
    ["vocab.json", "[]", "is not a JSON object"],
    ["vocab.json", '{"a":-1}', "has a token without a number"],
    ["vocab.json", '{"a":1}', 'lacks the token "<|startoftext|>"'],
    ["merges.txt", "#version: 0.2\na b c\n", 'has a merge that is no pair: "a b c"'],
  ])("that is damaged is refused: %s with %s", async (file, text, message) => {
    const broken = join(folder, "broken");
    await writeTokenizerFiles(await readClipTokenizer(tiny, "second"), broken);
    writeFileSync(join(broken, file), text);
    await expect(readClipTokenizer(broken, "second")).rejects.toThrow(message);
  });
});

describe("the tokenizer's graph", () => {
  it("holds tokens as the bytes that they stand for", () => {
    expect([...tokenBytes("a</w>")]).toEqual([...Buffer.from("a</w>")]);
    // CLIP's symbols for the two bytes of é, and for a space.
    expect([...tokenBytes("Ã©")]).toEqual([...Buffer.from("é")]);
    expect([...tokenBytes("Ġ")]).toEqual([0x20]);
  });

  it("packs strings end to end", () => {
    const { begins, ends, bytes } = packStrings([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    expect([...begins]).toEqual([0, 2, 2]);
    expect([...ends]).toEqual([2, 2, 3]);
    expect([...bytes]).toEqual([1, 2, 3]);
  });

  it("splits at special tokens, the padding among them", async () => {
    const tokenizer = await readClipTokenizer(tiny, "second");
    expect(specialTokenPattern(tokenizer)).toBe("(\\<\\|startoftext\\|\\>|\\<\\|endoftext\\|\\>|\\!)");
  });

  it("has the operations, inputs and outputs that GenAI expects", async () => {
    const graph = tokenizerGraph(await readClipTokenizer(tiny, "second"));
    const extensions = graph.nodes.filter(({ version }) => version === "extension").map(({ type }) => type);
    expect(extensions).toEqual([
      "SpecialTokensSplit",
      "CharsMapNormalization",
      "RegexNormalization",
      "RegexSplit",
      "RegexSplit",
      "BPETokenizer",
      "Truncate",
      "CombineSegments",
      "RaggedToDense",
    ]);
    const results = nodesOfType(graph, "Result").map(({ kept }) => kept?.layerAttributes?.["output_names"]);
    expect(results).toEqual(["input_ids", "attention_mask"]);
    expect(nodesOfType(graph, "BPETokenizer")[0]?.inputs.length).toBe(18);
    const info = Object.fromEntries(
      (graph.rtInfo?.children ?? []).map((child) =>
        typeof child === "string" ? ["", ""] : [child.name, child.attributes["value"]],
      ),
    );
    expect(info["openvino_tokenizers_version"]).toMatch(/^20\d\d\./);
    expect(info).toMatchObject({ bos_token_id: "766", eos_token_id: "767", pad_token_id: "0" });
  });
});

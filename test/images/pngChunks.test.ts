import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { memorySource } from "../../src/images/byteSource.ts";
import { crc32 } from "../../src/images/crc32.ts";
import { insertChunks, readPngTexts, textChunk } from "../../src/images/pngChunks.ts";

let png: Buffer;
beforeAll(async () => {
  png = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#204060" } })
    .png()
    .toBuffer();
});

function rawChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, check]);
}

const textsOf = (bytes: Buffer) => readPngTexts(memorySource(bytes));

describe("writing", () => {
  test("Latin-1 goes into tEXt, byte for byte", () => {
    const chunk = textChunk({ keyword: "parameters", text: "café" });
    expect(chunk.toString("latin1", 4, 8)).toBe("tEXt");
    expect(chunk.toString("latin1", 8, chunk.length - 4)).toBe("parameters\0café");
    expect(chunk.readUInt32BE(0)).toBe(15);
    expect(chunk.readUInt32BE(chunk.length - 4)).toBe(crc32(chunk.subarray(4, chunk.length - 4)));
  });

  test("anything else goes into iTXt as UTF-8", () => {
    const chunk = textChunk({ keyword: "parameters", text: "a 猫" });
    expect(chunk.toString("latin1", 4, 8)).toBe("iTXt");
    expect(chunk.toString("utf8", 8, chunk.length - 4)).toBe("parameters\0\0\0\0\0a 猫");
  });

  test("chunks come right after the header, and the picture still decodes", async () => {
    const bytes = insertChunks(png, [textChunk({ keyword: "parameters", text: "x" })]);
    expect(bytes.toString("latin1", 37, 41)).toBe("tEXt");
    const pixels = await sharp(bytes).raw().toBuffer();
    expect([...pixels.subarray(0, 3)]).toEqual([0x20, 0x40, 0x60]);
  });

  test("bytes that are no PNG are refused", () => {
    expect(() => insertChunks(Buffer.from("GIF89a"), [])).toThrow("no PNG");
  });
});

describe("reading", () => {
  test("finds all three kinds of text, before and after the pixels", async () => {
    const early = insertChunks(png, [
      textChunk({ keyword: "a", text: "é" }),
      rawChunk("zTXt", Buffer.concat([Buffer.from("b\0\0"), deflateSync("deflated")])),
    ]);
    const end = early.length - 12;
    const late = rawChunk(
      "iTXt",
      Buffer.concat([Buffer.from("c\0\x01\0de\0Wort\0"), deflateSync(Buffer.from("猫"))]),
    );
    const bytes = Buffer.concat([early.subarray(0, end), late, early.subarray(end)]);
    expect(await textsOf(bytes)).toEqual([
      { keyword: "a", text: "é" },
      { keyword: "b", text: "deflated" },
      { keyword: "c", text: "猫" },
    ]);
  });

  test("looks behind the pixels unless only the head is asked for", async () => {
    const before = insertChunks(png, [textChunk({ keyword: "a", text: "before" })]);
    const end = before.length - 12;
    const behind = textChunk({ keyword: "b", text: "behind" });
    const bytes = Buffer.concat([before.subarray(0, end), behind, before.subarray(end)]);
    const keywords = async (part: "head" | "all") =>
      (await readPngTexts(memorySource(bytes), part)).map(({ keyword }) => keyword);
    expect([await keywords("all"), await keywords("head")]).toEqual([["a", "b"], ["a"]]);
  });

  test("passes over a text whose checksum is wrong, and reads on", async () => {
    const broken = textChunk({ keyword: "a", text: "one" });
    broken[12] = 0x21;
    const bytes = insertChunks(png, [broken, textChunk({ keyword: "b", text: "two" })]);
    expect(await textsOf(bytes)).toEqual([{ keyword: "b", text: "two" }]);
  });

  test("passes over a text that would inflate to more than 4 MB", async () => {
    const bomb = Buffer.concat([Buffer.from("bomb\0\0"), deflateSync(Buffer.alloc(5 * 1024 * 1024))]);
    const bytes = insertChunks(png, [rawChunk("zTXt", bomb), textChunk({ keyword: "b", text: "two" })]);
    expect(await textsOf(bytes)).toEqual([{ keyword: "b", text: "two" }]);
  });

  test("a chunk that claims to be longer than the file ends the list", async () => {
    const lying = textChunk({ keyword: "a", text: "one" });
    lying.writeUInt32BE(0x7fffffff, 0);
    expect(await textsOf(insertChunks(png, [textChunk({ keyword: "z", text: "zero" }), lying]))).toEqual([
      { keyword: "z", text: "zero" },
    ]);
  });

  test("gives nothing for texts without their separators, and nothing at every cut", async () => {
    const odd = insertChunks(png, [
      rawChunk("tEXt", Buffer.from("no separator")),
      rawChunk("tEXt", Buffer.from("\0no keyword")),
      rawChunk("zTXt", Buffer.from("method\0\x07abc")),
      rawChunk("iTXt", Buffer.from("short\0")),
      rawChunk("tEXt", Buffer.from(`${"k".repeat(80)}\0keyword too long`)),
    ]);
    expect(await textsOf(odd)).toEqual([]);
    for (let length = 0; length < odd.length; length++) {
      expect(await textsOf(odd.subarray(0, length))).toEqual([]);
    }
  });
});

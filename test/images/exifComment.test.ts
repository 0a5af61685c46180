import { describe, expect, test } from "vitest";
import {
  commentBytes,
  commentPlaceholder,
  maximumCommentBytes,
  readComment,
  replacePlaceholder,
} from "../../src/images/exifComment.ts";

/** An EXIF block with one user comment, in either byte order. */
function exifBlock(comment: Buffer, littleEndian: boolean): Buffer {
  const block = Buffer.alloc(44);
  const u16 = (value: number, at: number) =>
    littleEndian ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at);
  const u32 = (value: number, at: number) =>
    littleEndian ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at);
  block.write(littleEndian ? "II" : "MM", "latin1");
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x8769, 10);
  u16(4, 12);
  u32(1, 14);
  u32(26, 18);
  u16(1, 26);
  u16(0x9286, 28);
  u16(7, 30);
  u32(comment.length, 32);
  u32(44, 36);
  return Buffer.concat([block, comment]);
}

describe("writing", () => {
  test("a comment is UTF-16 with the high byte first, after its code", () => {
    expect(commentBytes("aé")?.toString("latin1")).toBe("UNICODE\0\0a\0é");
  });

  test("a text too long for UTF-16 is ASCII if it can be, else left out", () => {
    const long = "a".repeat(maximumCommentBytes - 8);
    expect(commentBytes(long)?.toString("latin1", 0, 10)).toBe("ASCII\0\0\0aa");
    expect(commentBytes(long)?.length).toBe(maximumCommentBytes);
    expect(commentBytes(`${long}a`)).toBeUndefined();
    expect(commentBytes(`${long.slice(1)}é`)).toBeUndefined();
  });

  test("a placeholder is replaced in place", () => {
    const comment = Buffer.from("UNICODE\0\0a\0b\0c", "latin1");
    const file = Buffer.from(`before ASCII\0\0\0${commentPlaceholder(comment)} after`, "latin1");
    expect(replacePlaceholder(file, comment).toString("latin1")).toBe("before UNICODE\0\0a\0b\0c after");
    expect(() => replacePlaceholder(Buffer.from("nothing"), comment)).toThrow("no EXIF comment");
  });
});

describe("reading", () => {
  test("both byte orders of the block and of the text, with and without the prefix", () => {
    const highFirst = Buffer.from("UNICODE\0\0h\0i\0,", "latin1");
    const lowFirst = Buffer.from("UNICODE\0h\0i\0,\0", "latin1");
    for (const littleEndian of [true, false]) {
      for (const comment of [highFirst, lowFirst]) {
        const block = exifBlock(comment, littleEndian);
        expect(readComment(block)).toBe("hi,");
        expect(readComment(Buffer.concat([Buffer.from("Exif\0\0"), block]))).toBe("hi,");
      }
    }
  });

  test("ASCII, with the zeros some tools end it with", () => {
    expect(readComment(exifBlock(Buffer.from("ASCII\0\0\0hello\0"), true))).toBe("hello");
  });

  test("an unknown character code says nothing", () => {
    expect(readComment(exifBlock(Buffer.from("JIS\0\0\0\0\0hello"), true))).toBeUndefined();
  });

  test("no cut and no changed byte of a block makes it fail", () => {
    const block = exifBlock(Buffer.from("ASCII\0\0\0hello"), true);
    for (let length = 0; length < block.length; length++) {
      expect(readComment(block.subarray(0, length))).toBeUndefined();
    }
    for (let at = 0; at < 44; at++) {
      const changed = Buffer.from(block);
      changed[at] = 0xff;
      expect([undefined, "hello"]).toContain(readComment(changed));
    }
  });
});

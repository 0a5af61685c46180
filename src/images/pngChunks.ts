import { inflateSync } from "node:zlib";
import type { ByteSource } from "./byteSource.ts";
import { crc32 } from "./crc32.ts";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One text of a PNG file. A keyword may come more than once. */
export interface PngText {
  keyword: string;
  text: string;
}

/** The most that is read of a file nobody vouches for. */
const limits = {
  /** Chunks walked over. A PNG of 1 GB in the customary 8 KB chunks has about as many. */
  chunks: 131_072,
  /** Bytes of one text chunk in the file, and of its text when inflated. */
  text: 4 * 1024 * 1024,
  /** Bytes of all texts together. */
  total: 16 * 1024 * 1024,
};

/** Whether bytes begin as a PNG file does. */
export function isPng(start: Uint8Array): boolean {
  return signature.equals(start.subarray(0, signature.length));
}

/** One chunk with its length and checksum. */
function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}

/** Whether every character is one that PNG's `tEXt` may hold: Latin-1 without control characters but the line feed. */
function isLatin1Text(text: string): boolean {
  return /^[\n\x20-\x7e\xa0-\xff]*$/.test(text);
}

/** A `tEXt` chunk, or an uncompressed `iTXt` chunk (UTF-8) where the text is not Latin-1. NUL becomes a space. */
export function textChunk({ keyword, text }: PngText, as: "auto" | "iTXt" = "auto"): Buffer {
  // Both kinds of chunk end strings with NUL, so that none can be inside.
  const clean = text.replaceAll("\0", " ");
  if (as === "auto" && isLatin1Text(clean))
    return chunk("tEXt", Buffer.from(`${keyword}\0${clean}`, "latin1"));
  return chunk("iTXt", Buffer.from(`${keyword}\0\0\0\0\0${clean}`, "utf8"));
}

/**
 * Puts chunks into a PNG, right after its header, where readers that stop at the pixels find them.
 * @throws RangeError when the bytes are no PNG
 */
export function insertChunks(png: Uint8Array, chunks: readonly Uint8Array[]): Buffer {
  // The signature, then IHDR: 12 bytes of frame around 13 of content.
  const afterHeader = signature.length + 25;
  if (!isPng(png) || png.length < afterHeader)
    throw new RangeError("The bytes to put chunks into are no PNG.");
  return Buffer.concat([png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader)]);
}

/** Inflates to at most the limit; nothing for damaged or oversized data. */
function inflate(data: Buffer): Buffer | undefined {
  try {
    return inflateSync(data, { maxOutputLength: limits.text });
  } catch {
    return undefined;
  }
}

function splitAtNul(data: Buffer, from: number): { head: Buffer; next: number } | undefined {
  const end = data.indexOf(0, from);
  return end < 0 ? undefined : { head: data.subarray(from, end), next: end + 1 };
}

/** The text of a `tEXt`, `zTXt` or `iTXt` chunk; nothing when it is damaged. */
function parseText(type: string, data: Buffer): PngText | undefined {
  const start = splitAtNul(data, 0);
  if (!start || start.head.length === 0 || start.head.length > 79) return undefined;
  const keyword = start.head.toString("latin1");
  if (type === "tEXt") return { keyword, text: data.toString("latin1", start.next) };
  if (type === "zTXt") {
    const text = data[start.next] === 0 ? inflate(data.subarray(start.next + 1)) : undefined;
    return text && { keyword, text: text.toString("latin1") };
  }
  const compressed = data[start.next] === 1;
  const language = splitAtNul(data, start.next + 2);
  const translated = language && splitAtNul(data, language.next);
  if (!translated) return undefined;
  const content = data.subarray(translated.next);
  const text = compressed ? inflate(content) : content;
  return text && { keyword, text: text.toString("utf8") };
}

/**
 * The texts of a PNG, in their order. Reads only chunk headers and text chunks. Damaged and oversized texts are passed
 * over, and a file that is cut short ends the list.
 * @param part `head` ends with the pixels, behind which few tools write; `all` looks there too
 */
export async function readPngTexts(source: ByteSource, part: "head" | "all" = "all"): Promise<PngText[]> {
  const texts: PngText[] = [];
  if (!isPng(await source.read(0, signature.length))) return texts;
  let total = 0;
  let offset = signature.length;
  for (let count = 0; count < limits.chunks && offset + 12 <= source.size; count++) {
    const header = await source.read(offset, 8);
    if (header.length < 8) break;
    const length = header.readUInt32BE(0);
    const type = header.toString("latin1", 4, 8);
    if (type === "IEND" || offset + 12 + length > source.size) break;
    if (type === "IDAT" && part === "head") break;
    if (["tEXt", "zTXt", "iTXt"].includes(type) && length <= limits.text && total + length <= limits.total) {
      total += length;
      const body = await source.read(offset + 4, length + 8);
      const intact =
        body.length === length + 8 && body.readUInt32BE(length + 4) === crc32(body.subarray(0, length + 4));
      const text = intact ? parseText(type, body.subarray(4, length + 4)) : undefined;
      if (text) texts.push(text);
    }
    offset += 12 + length;
  }
  return texts;
}

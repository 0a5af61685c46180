// EXIF's UserComment, where tools in the manner of AUTOMATIC1111 keep the parameters of a JPEG, WebP or AVIF.
// Exif 2.32, 4.6.5: eight bytes name the character code, the text follows.

const unicode = "UNICODE\0";
const ascii = "ASCII\0\0\0";
const exifPointer = 0x8769;
const userComment = 0x9286;
const undefinedType = 7;

/** libexif, which sharp writes EXIF with, drops what makes the whole block longer than 64 KiB. */
export const maximumCommentBytes = 60_000;

/**
 * A comment as those tools write it: UTF-16 with the high byte first. ASCII where only that fits.
 * @returns nothing when neither fits
 */
export function commentBytes(text: string): Buffer | undefined {
  const wide = Buffer.concat([Buffer.from(unicode, "latin1"), Buffer.from(text, "utf16le").swap16()]);
  if (wide.length <= maximumCommentBytes) return wide;
  const isAscii = /^[\t\n\r\x20-\x7e]*$/.test(text);
  if (!isAscii || text.length + ascii.length > maximumCommentBytes) return undefined;
  return Buffer.from(ascii + text, "latin1");
}

/** The text sharp is given in a comment's place: sharp writes only ASCII, so the real bytes replace it afterwards. */
export function commentPlaceholder(comment: Buffer): string {
  return "limner user comment "
    .repeat(Math.ceil(comment.length / 20))
    .slice(0, comment.length - ascii.length);
}

/**
 * Replaces the placeholder in an encoded file, byte for byte, so that no length or offset in it changes.
 * @throws RangeError when the placeholder is not there
 */
export function replacePlaceholder(file: Buffer, comment: Buffer): Buffer {
  const start = file.indexOf(ascii + commentPlaceholder(comment), 0, "latin1");
  if (start < 0) throw new RangeError("The encoded picture holds no EXIF comment to replace.");
  comment.copy(file, start);
  return file;
}

/** Reads little- or big-endian numbers of a TIFF block; NaN outside of it. */
class TiffBlock {
  readonly bytes: Buffer;
  readonly littleEndian: boolean;

  constructor(bytes: Buffer, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
  }

  u16(offset: number): number {
    if (!(offset >= 0 && offset + 2 <= this.bytes.length)) return Number.NaN;
    return this.littleEndian ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    if (!(offset >= 0 && offset + 4 <= this.bytes.length)) return Number.NaN;
    return this.littleEndian ? this.bytes.readUInt32LE(offset) : this.bytes.readUInt32BE(offset);
  }

  /** Offset of a tag's entry in the directory at `directory`; nothing when it has none. */
  entry(directory: number, tag: number): number | undefined {
    const count = this.u16(directory);
    for (let index = 0; index < count; index++) {
      const offset = directory + 2 + index * 12;
      const found = this.u16(offset);
      if (Number.isNaN(found)) return undefined;
      if (found === tag) return offset;
    }
    return undefined;
  }
}

/** UTF-16 of either byte order: tools differ, and the text itself tells (its spaces and letters are below 256). */
function decodeUtf16(bytes: Buffer, littleEndianBlock: boolean): string {
  const even = bytes.subarray(0, bytes.length & ~1);
  let highFirst = 0;
  let lowFirst = 0;
  for (let i = 0; i < even.length; i += 2) {
    if (even[i] === 0 && even[i + 1] !== 0) highFirst++;
    if (even[i] !== 0 && even[i + 1] === 0) lowFirst++;
  }
  const littleEndian = highFirst === lowFirst ? littleEndianBlock : lowFirst > highFirst;
  return (littleEndian ? even : Buffer.from(even).swap16()).toString("utf16le").replace(/^\ufeff/, "");
}

/** The user comment of an EXIF block (as sharp gives it: with or without the `Exif` prefix); nothing without one. */
export function readComment(exif: Uint8Array): string | undefined {
  const all = Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength);
  const bytes = all.toString("latin1", 0, 6) === "Exif\0\0" ? all.subarray(6) : all;
  const order = bytes.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return undefined;
  const block = new TiffBlock(bytes, order === "II");
  const pointer = block.entry(block.u32(4), exifPointer);
  const entry = pointer === undefined ? undefined : block.entry(block.u32(pointer + 8), userComment);
  if (entry === undefined || block.u16(entry + 2) !== undefinedType) return undefined;
  const count = block.u32(entry + 4);
  const offset = block.u32(entry + 8);
  if (!(count > 8 && offset + count <= bytes.length)) return undefined;
  const code = bytes.toString("latin1", offset, offset + 8);
  const text = bytes.subarray(offset + 8, offset + count);
  if (code === unicode) return decodeUtf16(text, block.littleEndian);
  if (code === ascii || code === "\0".repeat(8)) return text.toString("utf8").replace(/\0+$/, "");
  return undefined;
}

import { readFileSync, writeFileSync } from "node:fs";

/** One entry of a zip's central directory. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes, as they are in the archive and as they were. */
  readonly packed: number;
  readonly unpacked: number;
  /** Unix permissions: 0o755, 0o644. */
  readonly mode: number;
  /** Where the directory's record of the entry begins, in bytes from the start of the file. */
  readonly record: number;
}

const endSignature = 0x06054b50;
const recordSignature = 0x02014b50;
const endLength = 22;
const recordLength = 46;
/** The high byte of "made by": Unix; the upper half of the attributes is a mode then. */
const madeByUnix = 3;
const regularFile = 0o100000;

/**
 * The central directory of a zip without ZIP64 parts: below 4 GiB and 65,535 entries.
 * @throws Error where the file is no such zip
 */
export function readZipDirectory(zip: Buffer): ZipEntry[] {
  // The end record may be followed by a comment; vsce writes none.
  const end = zip.length - endLength;
  if (end < 0 || zip.readUInt32LE(end) !== endSignature) throw new Error("The file is not a zip.");
  const count = zip.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let record = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (record + recordLength > end || zip.readUInt32LE(record) !== recordSignature) {
      throw new Error(`The zip's directory is damaged at its entry ${index + 1} of ${count}.`);
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => zip.readUInt16LE(record + at));
    const name = zip.toString("utf8", record + recordLength, record + recordLength + nameLength);
    entries.push({
      name,
      packed: zip.readUInt32LE(record + 20),
      unpacked: zip.readUInt32LE(record + 24),
      mode: zip.readUInt16LE(record + 40) & 0o777,
      record,
    });
    record += recordLength + nameLength + extraLength + commentLength;
  }
  return entries;
}

/**
 * Gives entries of a zip the permissions that they have on Unix: 0o755 for the named ones, 0o644 for all others.
 * Windows knows no executable files, so a zip made there says nothing of them.
 * @throws Error where there is no such entry
 */
export function setModes(file: string, executable: readonly string[]): void {
  const zip = readFileSync(file);
  const entries = readZipDirectory(zip);
  const missing = executable.find((name) => !entries.some((entry) => entry.name === name));
  if (missing !== undefined) throw new Error(`${file} holds no ${missing}.`);
  for (const { name, record } of entries) {
    const mode = regularFile | (executable.includes(name) ? 0o755 : 0o644);
    zip.writeUInt8(madeByUnix, record + 5);
    zip.writeUInt16LE(mode, record + 40);
  }
  writeFileSync(file, zip);
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readZipDirectory, setModes } from "../../packaging/zipDirectory.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-zip-"));
  file = join(folder, "one.vsix");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A zip as Windows writes it: entries without contents, made by MS-DOS (0), without permissions. */
function zipOf(...names: string[]): Buffer {
  const records = names.map((name) => {
    const record = Buffer.alloc(46 + name.length);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt32LE(10, 20);
    record.writeUInt32LE(30, 24);
    record.writeUInt16LE(name.length, 28);
    record.write(name, 46);
    return record;
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 10);
  return Buffer.concat([...records, end]);
}

test("names its entries with their sizes", () => {
  expect(readZipDirectory(zipOf("a/b.js", "c"))).toEqual([
    { name: "a/b.js", packed: 10, unpacked: 30, mode: 0, record: 0 },
    { name: "c", packed: 10, unpacked: 30, mode: 0, record: 52 },
  ]);
});

test("takes the permissions of Unix", () => {
  writeFileSync(file, zipOf("bin/node", "readme.md"));
  setModes(file, ["bin/node"]);
  const zip = readFileSync(file);
  const [node, readme] = readZipDirectory(zip);
  expect([node?.mode, readme?.mode]).toEqual([0o755, 0o644]);
  // 3 in the upper byte of "made by" is Unix; without it nobody reads the permissions.
  expect(zip.readUInt8(5)).toBe(3);
  expect(zip.readUInt16LE(40)).toBe(0o100755);
});

test("has no permissions for what is not in it", () => {
  writeFileSync(file, zipOf("readme.md"));
  expect(() => setModes(file, ["bin/node"])).toThrow("holds no bin/node");
});

test.each([
  ["another file", Buffer.from("this is a text and no archive at all")],
  ["an empty file", Buffer.alloc(0)],
])("is not %s", (_name, bytes) => {
  expect(() => readZipDirectory(bytes)).toThrow("not a zip");
});

test("is damaged where a record is missing", () => {
  const zip = zipOf("a", "b");
  zip.writeUInt16LE(3, zip.length - 12);
  expect(() => readZipDirectory(zip)).toThrow("damaged at its entry 3 of 3");
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { replaceFile } from "../../src/platform/replaceFile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-replace-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("writes a file and its folders, and replaces what was there", async () => {
  const file = join(folder, "a", "b.json");
  await replaceFile(file, "1");
  await replaceFile(file, "2");
  expect(readFileSync(file, "utf8")).toBe("2");
  expect(readdirSync(join(folder, "a"))).toEqual(["b.json"]);
});

it("leaves nothing behind when it fails", async () => {
  mkdirSync(join(folder, "taken"));
  mkdirSync(join(folder, "taken", "inner"));
  await expect(replaceFile(join(folder, "taken"), "1")).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(["taken"]);
});

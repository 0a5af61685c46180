import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { boundFolder } from "../../src/platform/boundedFolder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-bounded-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: number, second: number): void {
  writeFileSync(join(folder, name), Buffer.alloc(bytes));
  utimesSync(join(folder, name), second, second);
}

it("keeps what was used last, as far as the limit goes, and leaves folders alone", async () => {
  mkdirSync(join(folder, "inner"));
  write("b", 40, 200);
  write("a", 40, 100);
  write("c", 40, 300);
  await boundFolder(folder, 120);
  expect(readdirSync(folder)).toEqual(["a", "b", "c", "inner"]);
  await boundFolder(folder, 119);
  expect(readdirSync(folder)).toEqual(["b", "c", "inner"]);
  await boundFolder(folder, 0);
  expect(readdirSync(folder)).toEqual(["inner"]);
});

it("has nothing to do where there is no folder", async () => {
  await expect(boundFolder(join(folder, "missing"), 0)).resolves.toBeUndefined();
});

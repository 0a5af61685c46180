import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RotatingFile } from "../../../src/host/log/rotatingFile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (name: string) => readFileSync(join(folder, name), "utf8");

test("puts full files aside and keeps so many of them", () => {
  const file = new RotatingFile(join(folder, "host.log"), { bytes: 20, files: 2 });
  for (let line = 1; line <= 9; line++) file.write(`line ${line}`);
  file.close();
  expect(readdirSync(folder).sort()).toEqual(["host.log", "host.log.1", "host.log.2"]);
  expect([text("host.log.2"), text("host.log.1"), text("host.log")]).toEqual([
    "line 5\nline 6\n",
    "line 7\nline 8\n",
    "line 9\n",
  ]);
});

test("goes on where the last process ended", () => {
  for (const line of ["first", "second"]) {
    const file = new RotatingFile(join(folder, "host.log"));
    file.write(line);
    file.close();
  }
  expect(text("host.log")).toBe("first\nsecond\n");
});

test("does not fail where it cannot write", () => {
  const file = new RotatingFile(join(folder, "a\0b"));
  file.write("lost");
  file.close();
  expect(readdirSync(folder)).toEqual([]);
});

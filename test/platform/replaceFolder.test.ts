import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFolder } from "../../src/platform/replaceFolder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-replace-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function make(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, "what"), name);
  return path;
}

const content = () => readFileSync(join(folder, "model", "what"), "utf8");

test("the new folder comes in the place of the old one, or of none", async () => {
  await replaceFolder(make("first"), join(folder, "model"));
  expect(content()).toBe("first");
  await replaceFolder(make("second"), join(folder, "model"));
  expect(content()).toBe("second");
  expect(readdirSync(folder)).toEqual(["model"]);
});

test("the old one stays where there is no new one", async () => {
  make("model");
  await expect(replaceFolder(join(folder, "missing"), join(folder, "model"))).rejects.toThrow("ENOENT");
  expect(content()).toBe("model");
  expect(readdirSync(folder)).toEqual(["model"]);
});

test("what one that was killed has left goes", async () => {
  make("model");
  make("model~old");
  await replaceFolder(make("new"), join(folder, "model"));
  expect(content()).toBe("new");
  expect(readdirSync(folder)).toEqual(["model"]);
});

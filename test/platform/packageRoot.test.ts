import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../src/platform/packageRoot.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-root-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("of its own module is this repository", () => {
  expect(packageRoot()).toBe(resolve("."));
});

test("passes over other packages on the way up", async () => {
  const inner = join(folder, "node_modules", "other", "dist");
  await mkdir(inner, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "name": "limner" }');
  await writeFile(join(folder, "node_modules", "other", "package.json"), '{ "name": "other" }');
  await writeFile(join(inner, "package.json"), "not JSON");
  expect(packageRoot(pathToFileURL(join(inner, "main.js")).href)).toBe(folder);
});

test("says so where there is none", () => {
  const nowhere = join(tmpdir(), "main.js");
  expect(() => packageRoot(pathToFileURL(nowhere).href)).toThrow(`no folder above ${tmpdir()} holds`);
});

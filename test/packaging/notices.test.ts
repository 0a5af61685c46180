import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { packageWork } from "../../packaging/notices.ts";

const bundled: string[] = JSON.parse(readFileSync(join("dist", "bundled.json"), "utf8"));

test("every package in the bundles has a license with a text", () => {
  expect(bundled.map((path) => basename(path))).toContain("zod");
  for (const path of bundled) {
    const { name, version, license, text } = packageWork(path);
    expect([name, version, license].every((value) => value.length > 0)).toBe(true);
    if (text.startsWith("licenses/")) expect(existsSync(join("packaging", text))).toBe(true);
    else expect(text).toMatch(/permi(t|ssion)|licensed/i);
  }
});

test("a package's own text is taken", () => {
  expect(packageWork(join("node_modules", "koffi"))).toMatchObject({ name: "koffi", license: "MIT" });
  expect(packageWork(join("node_modules", "koffi")).text).toContain("Niels Martignène");
});

// What the host has to load before it can answer its first client.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** A bundle with all that it imports before it runs. */
function loadedWith(file: string, found = new Map<string, string>()): Map<string, string> {
  if (found.has(file)) return found;
  const text = readFileSync(join("dist", file), "utf8");
  found.set(file, text);
  for (const [, chunk = ""] of text.matchAll(/^(?:import|export)\b[^;]*?"\.\/([^"]+)";$/gm)) {
    loadedWith(chunk, found);
  }
  return found;
}

it("is no network, no converter, no picture and no runtime", () => {
  const texts = [...loadedWith("host.js").values()];
  const folders = texts.flatMap((text) => [...text.matchAll(/^\/\/ src\/(\w+)\//gm)].map(([, name]) => name));
  const heavy = [
    "hub",
    "convert",
    "checkpoints",
    "architectures",
    "graph",
    "conditioning",
    "pipelines",
    "openvino",
  ];
  expect(folders).toContain("host");
  expect(heavy.filter((name) => folders.includes(name))).toEqual([]);
});

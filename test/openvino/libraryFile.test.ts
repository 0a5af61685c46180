import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findLibrary } from "../../src/openvino/libraryFile.ts";
import { FakeMachine } from "./fakeMachine.ts";

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const names: [NodeJS.Platform, string][] = [
  ["linux", "libopenvino_c.so.2641"],
  ["linux", "libopenvino_c.so"],
  ["win32", "openvino_c.dll"],
  ["darwin", "libopenvino_c.2641.dylib"],
];

test.each(names)("on %s the library may be called %s", (platform, name) => {
  const path = machine.file(`libs/${name}`);
  for (const other of ["libopenvino.so.2641", "openvino_c.lib", "libopenvino_c.txt"])
    machine.file(`libs/${other}`);
  expect(findLibrary(machine.root, platform)).toBe(path);
});

test("the newest of several is taken", () => {
  for (const version of ["2520", "2641", "990"]) machine.file(`libopenvino_c.so.${version}`);
  expect(findLibrary(machine.root, "linux")).toBe(join(machine.root, "libopenvino_c.so.2641"));
});

test("a file is taken as it is", () => {
  const path = machine.file("my-build.so");
  expect(findLibrary(path, "linux")).toBe(path);
});

test("another platform's library is none", () => {
  machine.file("libs/openvino_c.dll");
  expect(findLibrary(machine.root, "linux")).toBeUndefined();
});

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadedGlib } from "../../src/platform/loadedGlib.ts";

const line = (path: string) => `7f2c00eab000-7f2c00eba000 r--p 00000000 fe:00 326472   ${path}`;

describe("the system's GLib", () => {
  it("is found among what a process has mapped", () => {
    const maps = [
      line("/usr/lib/libc.so.6"),
      line("/usr/lib/x86_64-linux-gnu/libgobject-2.0.so.0.7400.6"),
      "",
    ];
    expect(loadedGlib(() => maps.join("\n"))).toBe("/usr/lib/x86_64-linux-gnu/libgobject-2.0.so.0.7400.6");
  });

  it("is not what sharp brings, nor anything else", () => {
    const maps = [
      line("/app/node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.3"),
      line("[heap]"),
    ];
    expect(loadedGlib(() => maps.join("\n"))).toBeUndefined();
    expect(loadedGlib(() => "")).toBeUndefined();
  });

  it("is not in this process", () => {
    expect(loadedGlib()).toBeUndefined();
  });
});

// The clash itself, where this machine has the library.
const preloaded = [
  "/usr/lib/x86_64-linux-gnu/libgobject-2.0.so.0",
  "/usr/lib/aarch64-linux-gnu/libgobject-2.0.so.0",
  "/usr/lib64/libgobject-2.0.so.0",
].find(existsSync);

it.skipIf(preloaded === undefined)("is named where it would clash with sharp", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join("bin", "limner.mjs"),
      ...["generate", "a fox", "--model", "test/fixtures/tiny-sdxl", "--steps", "1"],
      ...["--image", "test/fixtures/pipelines/pictures/source-64.png"],
    ],
    { encoding: "utf8", env: { ...process.env, LD_PRELOAD: preloaded } },
  );
  expect(stderr).toContain("does not go together with the image library sharp. Unset LD_PRELOAD");
  expect(stderr).not.toMatch(/CRITICAL|^\s+at /m);
  expect([status, stdout]).toEqual([1, ""]);
});

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FindOptions, findRuntime, openRuntime } from "../../src/openvino/find.ts";
import type { Surroundings } from "../../src/openvino/surroundings.ts";
import { FakeMachine, fakeLoad } from "./fakeMachine.ts";

const library = "libopenvino_c.so.2641";
const addon = "openvino-node/bin/ov_node_addon.node";
const downloaded = `cache/openvino/2026.4.1-linux-x64/${library}`;
let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const find = (changes: Partial<Surroundings> = {}, options: FindOptions = {}) =>
  findRuntime({ ...options, surroundings: machine.surroundings(changes), load: fakeLoad });

/** Python with a pip-installed openvino. */
function pythonWithOpenVino(): string {
  const path = machine.file(`site-packages/openvino/libs/${library}`);
  machine.answers["python3"] = () => ({ status: 0, stdout: `${dirname(dirname(path))}\n` });
  return path;
}

describe("a setting", () => {
  test("that names the library is all that is looked at", async () => {
    machine.file(addon);
    machine.file(downloaded);
    const path = machine.file("mine/libopenvino_c.so");
    const { location, attempts } = await find({ env: { LIMNER_OPENVINO_LIB: path } });
    expect(location).toEqual({ source: "setting", backend: "c-api", path });
    expect(attempts).toEqual([{ source: "setting", tried: path, outcome: "works", detail: "2026.4.1" }]);
    expect(machine.calls).toEqual([]);
  });

  test.each([".", "libs", "openvino/libs", "runtime/lib/intel64"])(
    "may name a folder with the library in %s",
    async (place) => {
      const path = machine.file(join("mine", place, library));
      const { location } = await find({ env: { LIMNER_OPENVINO_LIB: join(machine.root, "mine") } });
      expect(location?.path).toBe(path);
    },
  );

  test("in the options comes before the environment", async () => {
    const path = machine.file(`theirs/${library}`);
    const env = { LIMNER_OPENVINO_LIB: machine.file(`mine/${library}`) };
    expect((await find({ env }, { library: path })).location?.path).toBe(path);
  });

  test("without a library is an error, whatever else there is", async () => {
    machine.file(downloaded);
    const surroundings = machine.surroundings({ env: { LIMNER_OPENVINO_LIB: "/nowhere" } });
    await expect(openRuntime({ surroundings, load: fakeLoad })).rejects.toMatchObject({
      code: "runtime-not-found",
      message:
        "There is no OpenVINO library in /nowhere. Set LIMNER_OPENVINO_LIB to libopenvino_c or the folder that holds it, or unset it.",
    });
  });

  test("that does not load is an error with the reason", async () => {
    const path = machine.file(`broken/${library}`);
    const surroundings = machine.surroundings({ env: { LIMNER_OPENVINO_LIB: path } });
    await expect(openRuntime({ surroundings, load: fakeLoad })).rejects.toThrow(
      `${path} cannot be used: it is too old`,
    );
  });
});

describe("openvino-node", () => {
  test("is used where its binary is there", async () => {
    const path = machine.file(addon);
    machine.file(downloaded);
    expect((await find()).location).toEqual({ source: "openvino-node", backend: "openvino-node", path });
  });

  test("needs Node 21", async () => {
    const path = machine.file(addon);
    machine.file(downloaded);
    const { location, attempts } = await find({ nodeMajor: 20 });
    expect(location?.source).toBe("downloaded");
    expect(attempts[0]).toEqual({
      source: "openvino-node",
      tried: path,
      outcome: "failed",
      detail: "it needs Node 21 or newer, this is 20",
    });
  });

  test("is passed over for LIMNER_BACKEND=c-api", async () => {
    machine.file(addon);
    machine.file(downloaded);
    expect((await find({ env: { LIMNER_BACKEND: "c-api" } })).location?.source).toBe("downloaded");
  });

  test("is all that is looked at for LIMNER_BACKEND=openvino-node", async () => {
    machine.file(downloaded);
    const { location, attempts } = await find({ env: { LIMNER_BACKEND: "openvino-node" } });
    expect(location).toBeUndefined();
    expect(attempts.map(({ source, outcome }) => [source, outcome])).toEqual([
      ["openvino-node", "not there"],
    ]);
  });

  test("gives way to the C API where its binary does not load", async () => {
    machine.file("broken/bin/ov_node_addon.node");
    machine.file(downloaded);
    const { location, attempts } = await find({ nodePackage: join(machine.root, "broken") });
    expect(location?.source).toBe("downloaded");
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "works"]);
  });
});

test("a backend that there is not is wrong usage", async () => {
  await expect(find({ env: { LIMNER_BACKEND: "onnx" } })).rejects.toMatchObject({
    code: "usage",
    message: 'LIMNER_BACKEND is "onnx", which is none of: auto, c-api, openvino-node.',
  });
});

test("what was downloaded is found without asking Python", async () => {
  const path = machine.file(downloaded);
  expect((await find()).location).toEqual({ source: "downloaded", backend: "c-api", path });
  expect(machine.calls).toEqual([]);
});

describe("what a packaged Limner carries", () => {
  test("is found without asking Python", async () => {
    const path = machine.file(`limner/openvino/${library}`);
    expect((await find({ carried: dirname(path) })).location).toEqual({
      source: "carried",
      backend: "c-api",
      path,
    });
    expect(machine.calls).toEqual([]);
  });

  test("gives way to what the user had Limner download", async () => {
    machine.file(downloaded);
    const path = machine.file(`limner/openvino/${library}`);
    expect((await find({ carried: dirname(path) })).location?.source).toBe("downloaded");
  });

  test("comes before one that was found on the machine", async () => {
    pythonWithOpenVino();
    await find();
    const path = machine.file(`limner/openvino/${library}`);
    expect((await find({ carried: dirname(path) })).location?.source).toBe("carried");
  });

  test("that does not load is an error with the reason, where there is no other", async () => {
    const path = machine.file(`broken/openvino/${library}`);
    const surroundings = machine.surroundings({ carried: dirname(path) });
    await expect(openRuntime({ surroundings, load: fakeLoad })).rejects.toThrow(
      `${path} cannot be used: it is too old`,
    );
  });
});

describe("a pip-installed openvino", () => {
  test("is found by asking Python, in Limner's own folder", async () => {
    const path = pythonWithOpenVino();
    expect((await find()).location).toEqual({ source: "python", backend: "c-api", path });
    expect(machine.calls[0]?.cwd).toBe(join(machine.root, "cache", "openvino"));
  });

  test("is remembered: the next start asks no Python", async () => {
    const path = pythonWithOpenVino();
    await find();
    machine.calls.length = 0;
    expect((await find()).location).toEqual({ source: "remembered", backend: "c-api", path });
    expect(machine.calls).toEqual([]);
  });

  test("that has moved is looked for again", async () => {
    const path = pythonWithOpenVino();
    await find();
    rmSync(path);
    const moved = machine.file(`elsewhere/libs/${library}`);
    machine.answers["python3"] = () => ({ status: 0, stdout: dirname(dirname(moved)) });
    expect((await find()).location).toEqual({ source: "python", backend: "c-api", path: moved });
  });

  test("is not remembered where it does not load", async () => {
    const path = machine.file(`broken/libs/${library}`);
    machine.answers["python3"] = () => ({ status: 0, stdout: dirname(dirname(path)) });
    await find();
    expect((await find()).attempts.map(({ source }) => source)).not.toContain("remembered");
  });

  test("is found although what was remembered is damaged", async () => {
    machine.file("cache/openvino/found.json", "{ not JSON");
    pythonWithOpenVino();
    expect((await find()).location?.source).toBe("python");
  });

  test("is asked of the launcher first on Windows", async () => {
    await find({ platform: "win32" });
    expect(machine.calls.map(({ line }) => line.split(" -c")[0])).toEqual(["py -3", "python", "python3"]);
  });
});

test("a library of the system is the last resort", async () => {
  const path = machine.file(`usr/lib/${library}`);
  const { location } = await find({ systemFolders: [dirname(path)] });
  expect(location).toEqual({ source: "system", backend: "c-api", path });
});

test("nothing at all: every attempt is told, and nothing is downloaded", async () => {
  machine.answers["python3"] = () => ({ status: 1, stderr: "Traceback\nImportError: broken\n" });
  const { runtime, attempts } = await find();
  expect(runtime).toBeUndefined();
  expect(attempts.map(({ source, outcome, detail }) => [source, outcome, detail])).toEqual([
    ["openvino-node", "not there", undefined],
    ["downloaded", "not there", undefined],
    ["python", "failed", "ImportError: broken"],
    ["python", "failed", "there is no such command"],
  ]);
  expect(machine.calls.filter(({ line }) => line.includes("pip"))).toEqual([]);
});

test("nothing at all: the sentence says what to do", async () => {
  const surroundings = machine.surroundings();
  await expect(openRuntime({ surroundings, load: fakeLoad })).rejects.toMatchObject({
    code: "runtime-not-found",
    message: expect.stringMatching(/^OpenVINO is not set up\. Run "npm run setup:runtime"/),
  });
});

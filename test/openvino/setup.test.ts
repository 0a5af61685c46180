import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notFound } from "../../src/openvino/find.ts";
import { type SetupOptions, setupRuntime } from "../../src/openvino/setup.ts";
import type { Surroundings } from "../../src/openvino/surroundings.ts";
import { runCommand } from "../../src/platform/command.ts";
import { FakeMachine, fakeLoad } from "./fakeMachine.ts";

const library = "libopenvino_c.so.2641";
let machine: FakeMachine;
let lines: string[];

beforeEach(() => {
  machine = new FakeMachine();
  lines = [];
});
afterEach(() => machine.remove());

const setup = (changes: Partial<Surroundings> = {}, options: SetupOptions = {}) =>
  setupRuntime({
    onProgress: (line) => lines.push(line),
    ...options,
    surroundings: machine.surroundings({ nodePackage: undefined, ...changes }),
    load: fakeLoad,
  });

const cache = () => join(machine.root, "cache", "openvino");
const downloads = () => machine.calls.filter(({ line }) => line.includes("pip download")).length;

/** The value after an option in a command's parameters. */
const after = (option: string, parameters: readonly string[]) =>
  parameters[parameters.indexOf(option) + 1] ?? "";

/** Python 3 that finds no openvino; its pip downloads a wheel that unpacks to these files. */
function pythonWithPip(files: readonly string[] = [library]): void {
  machine.answers["python3"] = (parameters) => {
    if (parameters[2] === "download") {
      writeFileSync(join(after("--dest", parameters), "openvino-2026.4.1.whl"), "");
    } else if (parameters[1]?.includes("extractall")) {
      const libs = join(parameters[3] ?? "", "openvino", "libs");
      mkdirSync(libs, { recursive: true });
      for (const file of files) writeFileSync(join(libs, file), "");
    }
    return { status: 0, stdout: "\n" };
  };
}

/** The same, with a wheel of these bytes, or one that holds these files, and real Python to unpack it. */
function pythonThatUnpacks(wheel: string | readonly string[]): Partial<Surroundings> {
  pythonWithPip();
  const { run } = machine.surroundings();
  const zip = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name in sys.argv[2:]: wheel.writestr(name, name)`;
  return {
    run: async (command, parameters, options) => {
      if (parameters[1]?.includes("extractall")) return runCommand(command, parameters, options);
      const result = await run(command, parameters, options);
      if (parameters[2] !== "download") return result;
      const file = join(after("--dest", parameters), "openvino-2026.4.1.whl");
      if (typeof wheel === "string") writeFileSync(file, wheel);
      else await runCommand(command, ["-c", zip, file, ...wheel]);
      return result;
    },
  };
}

describe("the wheel", () => {
  test("is downloaded and unpacked where there is no OpenVINO, with progress", async () => {
    pythonWithPip();
    const { location } = await setup();
    const path = join(cache(), "2026.4.1-linux-x64", library);
    expect(location).toEqual({ source: "downloaded", backend: "c-api", path });
    expect(lines).toEqual(["Downloading OpenVINO 2026.4.1 (59 MB)…", "Unpacking OpenVINO…"]);
    expect(readdirSync(cache())).toEqual(["2026.4.1-linux-x64"]);
  });

  test("is asked of pip for a fixed platform and Python, whatever the user's", async () => {
    pythonWithPip();
    await setup();
    const { line } = machine.calls.find((call) => call.line.includes("pip download")) ?? { line: "" };
    expect(line).toContain("--no-deps --only-binary=:all: --platform manylinux_2_28_x86_64");
    expect(line).toContain("--python-version 3.12 --implementation cp --abi cp312 openvino==2026.4.1");
  });

  test("is found by the second set-up, which runs nothing", async () => {
    pythonWithPip();
    await setup();
    machine.calls.length = 0;
    const { location } = await setup();
    expect(location?.source).toBe("downloaded");
    expect(machine.calls).toEqual([]);
  });

  test("is unpacked without what is not needed, and nowhere else", async () => {
    const needed = [
      "libopenvino_ir_frontend.so.2641",
      "libopenvino_intel_cpu_plugin.so",
      "libtbb.so.12",
      library,
    ];
    const unneeded = ["libopenvino_pytorch_frontend.so.2641", "libopenvino_onnx_frontend.so.2641", "tbb.pc"];
    const files = [...needed, ...unneeded].map((name) => `openvino/libs/${name}`);
    const outside = ["openvino/__init__.py", "openvino/libs/../../../../outside.so", "/outside.so"];
    await setup(pythonThatUnpacks([...files, ...outside]));
    const unpacked = readdirSync(join(cache(), "2026.4.1-linux-x64"));
    expect(unpacked.sort()).toEqual([...needed].sort());
    expect(readdirSync(machine.root)).toEqual(["cache"]);
  });

  test("is downloaded once by two set-ups at the same time", async () => {
    pythonWithPip();
    const [first, second] = await Promise.all([setup(), setup()]);
    expect(downloads()).toBe(1);
    expect(first.location).toEqual(second.location);
    expect(lines).toContain("Waiting for another Limner that sets OpenVINO up…");
  });

  test("is not downloaded where an OpenVINO is there", async () => {
    machine.file(`cache/openvino/2026.4.1-linux-x64/${library}`);
    expect((await setup()).location?.source).toBe("downloaded");
    expect(machine.calls).toEqual([]);
  });

  test("is not downloaded where a setting names another OpenVINO", async () => {
    pythonWithPip();
    const { runtime } = await setup({ env: { LIMNER_OPENVINO_LIB: "/nowhere" } });
    expect(runtime).toBeUndefined();
    expect(downloads()).toBe(0);
  });
});

describe("what goes wrong is one sentence with a remedy", () => {
  const sentence = async (changes: Partial<Surroundings> = {}) =>
    notFound((await setup(changes)).attempts).message;

  test("no Python", async () => {
    expect(await sentence()).toBe(
      "OpenVINO could not be set up: Python 3 with pip is needed (python3: there is no such command; python: there is no such command). Install Python 3 and pip, and run it again.",
    );
  });

  test("Python without pip", async () => {
    machine.answers["python3"] = () => ({ status: 1, stderr: "/usr/bin/python3: No module named pip\n" });
    expect(await sentence()).toContain(
      "(python3: /usr/bin/python3: No module named pip; python: there is no",
    );
  });

  const pipFails = (stderr: string) => {
    machine.answers["python3"] = (parameters) => {
      if (parameters[2] === "download") return { status: 1, stderr };
      return { status: 0, stdout: "\n" };
    };
  };

  test("no network", async () => {
    pipFails(
      "WARNING: Retrying after connection broken by 'NewConnectionError(…)'\nERROR: No matching distribution found\n",
    );
    expect(await sentence()).toContain(
      "pip could not download openvino 2026.4.1: the package index cannot be reached.",
    );
    expect(readdirSync(cache())).toEqual([]);
  });

  test("another failure of pip, in its own words", async () => {
    pipFails("Looking in indexes: …\nERROR: No matching distribution found for openvino==2026.4.1\n");
    expect(await sentence()).toContain(
      "2026.4.1: No matching distribution found for openvino==2026.4.1. Check",
    );
  });

  test("a wheel without the library", async () => {
    pythonWithPip(["libtbb.so.12"]);
    expect(await sentence()).toMatch(/\.whl holds no libopenvino_c\. Set LIMNER_OPENVINO_LIB/);
  });

  test("a download that is not a wheel", async () => {
    const message = await sentence(pythonThatUnpacks("<html>"));
    expect(message).toContain("the download cannot be unpacked: zipfile.BadZipFile: File is not a zip file.");
    expect(readdirSync(cache())).toEqual([]);
  });

  test("a platform without a wheel", async () => {
    expect(await sentence({ platform: "freebsd" })).toBe(
      "OpenVINO has no download for freebsd on x64. Build it and set LIMNER_OPENVINO_LIB to its folder.",
    );
  });

  test("a cache folder that cannot be written", async () => {
    const folder = join(machine.file("a-file"), "openvino");
    expect(await sentence({ folder })).toContain(
      `Check that ${folder} can be written and the disk has room.`,
    );
  });
});

test("an abort stops the set-up and leaves nothing behind", async () => {
  pythonWithPip();
  const stop = new AbortController();
  const { run } = machine.surroundings();
  const abortingRun: Surroundings["run"] = async (command, parameters, options) => {
    if (parameters[2] === "download") stop.abort();
    return run(command, parameters, options);
  };
  await expect(setup({ run: abortingRun }, { signal: stop.signal })).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(readdirSync(cache())).toEqual([]);
});

describe("openvino-node's installer", () => {
  const withPackage = () => {
    machine.file("openvino-node/scripts/download-runtime.js");
    return { nodePackage: join(machine.root, "openvino-node") };
  };
  const installs = () =>
    machine.calls.filter(({ line }) => line.includes("download-runtime.js --force")).length;

  test("is tried first, and what it fetches is used", async () => {
    pythonWithPip();
    machine.answers["node"] = () => {
      machine.file("openvino-node/bin/ov_node_addon.node");
      return { status: 0 };
    };
    expect((await setup(withPackage())).location?.backend).toBe("openvino-node");
    expect(lines).toEqual(["Trying openvino-node's own download…"]);
    expect(downloads()).toBe(0);
  });

  test("that fails gives way to the wheel, and its reason is noted", async () => {
    pythonWithPip();
    machine.answers["node"] = () => ({
      status: 1,
      stderr: "Failed to download OpenVINO runtime: Failed to send request.\n",
    });
    const { location, attempts } = await setup(withPackage());
    expect(location?.source).toBe("downloaded");
    expect(attempts.find(({ source }) => source === "installer")?.detail).toBe("Failed to send request");
  });

  test("is not run on Node 20, nor for LIMNER_BACKEND=c-api", async () => {
    pythonWithPip();
    await setup({ ...withPackage(), nodeMajor: 20 });
    await setup({ ...withPackage(), env: { LIMNER_BACKEND: "c-api" } });
    expect(installs()).toBe(0);
  });

  test("is all that is tried for LIMNER_BACKEND=openvino-node", async () => {
    pythonWithPip();
    machine.answers["node"] = () => ({ status: 1, stderr: "" });
    const { runtime } = await setup({ ...withPackage(), env: { LIMNER_BACKEND: "openvino-node" } });
    expect(runtime).toBeUndefined();
    expect([installs(), downloads()]).toEqual([1, 0]);
  });
});

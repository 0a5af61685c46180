import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Diagnosis, report, runDoctor } from "../../src/cli/doctor.ts";
import { cApi } from "../openvino/adapters.ts";

let folder: string;
let stdout: string;
let stderr: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-doctor-"));
  [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const diagnosis: Diagnosis = {
  node: "24.1.0",
  platform: "linux x64 6.8",
  processor: { model: "A Processor", threads: 8, memoryBytes: 16e9 },
  runtime: {
    backend: "c-api",
    version: "2026.4.1",
    library: "/lib/libopenvino_c.so",
    devices: [{ name: "CPU", fullName: "A Processor", capabilities: ["BF16", "FP32"] }, { name: "GPU.0" }],
  },
  attempts: [
    { source: "openvino-node", tried: "/a/b.node", outcome: "not there" },
    { source: "downloaded", tried: "/lib/libopenvino_c.so", outcome: "works", detail: "2026.4.1" },
  ],
  folders: { data: { path: "/data", bytes: 0 }, cache: { path: "/cache", bytes: 143e6 } },
};

test("the report for people", () => {
  expect(report(diagnosis)).toBe(`Node       24.1.0
Platform   linux x64 6.8
Processor  A Processor, 8 threads, 16.0 GB of memory
OpenVINO   2026.4.1 (c-api)
           /lib/libopenvino_c.so
Device     CPU A Processor: BF16 FP32
Device     GPU.0
Data       /data (0 MB)
Cache      /cache (143 MB)
Looked for OpenVINO:
  openvino-node: /a/b.node: not there
  downloaded: /lib/libopenvino_c.so: works: 2026.4.1
`);
});

test("the report without a runtime", () => {
  const lines = report({ ...diagnosis, runtime: undefined }).split("\n");
  expect(lines[3]).toBe("OpenVINO   none");
  expect(lines[4]).toBe("Data       /data (0 MB)");
});

describe("limner doctor", () => {
  test("--json: the runtime, its devices, and the folders with their sizes", async () => {
    const { libraryPath } = await cApi();
    await mkdir(join(folder, "cache", "below"), { recursive: true });
    await writeFile(join(folder, "cache", "below", "file"), new Uint8Array(1234));
    vi.stubEnv("LIMNER_OPENVINO_LIB", libraryPath);
    vi.stubEnv("LIMNER_DATA_DIR", join(folder, "data"));
    vi.stubEnv("LIMNER_CACHE_DIR", join(folder, "cache"));
    expect(await runDoctor(["--json"])).toBe(0);
    const told: Diagnosis = JSON.parse(stdout);
    expect(told.node).toBe(process.versions.node);
    expect(told.runtime).toMatchObject({ backend: "c-api", library: libraryPath });
    expect(told.runtime?.devices[0]).toMatchObject({ name: "CPU", fullName: expect.stringMatching(/\S/) });
    expect(told.runtime?.devices[0]?.capabilities).toContain("FP32");
    expect(told.folders).toEqual({
      data: { path: join(folder, "data"), bytes: 0 },
      cache: { path: join(folder, "cache"), bytes: 1234 },
    });
  });

  test("without a runtime that works: exit code 1, and the sentence on standard error", async () => {
    vi.stubEnv("LIMNER_OPENVINO_LIB", folder);
    expect(await runDoctor([])).toBe(1);
    expect(stdout).toContain(`  setting: ${folder}: not there\n`);
    expect(stderr).toMatch(/^There is no OpenVINO library in .*\. Set LIMNER_OPENVINO_LIB to/);
  });

  test("--help prints how it is used", async () => {
    expect(await runDoctor(["--help"])).toBe(0);
    expect(stdout).toMatch(/^Usage: limner doctor \[--setup\] \[--json\]\n/);
  });

  test("an unknown option is wrong usage", async () => {
    await expect(runDoctor(["--fix"])).rejects.toMatchObject({ code: "usage" });
  });
});

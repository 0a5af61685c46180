import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCApi } from "../../../src/openvino/c-api/runtime.ts";
import { cApi, models } from "../adapters.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-library-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a library that is not there is one sentence with path, reason and remedy", () => {
  const path = join(folder, "libopenvino_c.so.2641");
  expect(() => openCApi(path)).toThrow(
    expect.objectContaining({
      code: "runtime-not-found",
      message: expect.stringMatching(
        /^OpenVINO's library .*libopenvino_c\.so\.2641 cannot be used: .+\. Run "npm run/,
      ),
    }),
  );
});

test("a file that is no library is refused, and leaves the process whole", async () => {
  const path = join(folder, "text.so");
  await writeFile(path, "not a library");
  expect(() => openCApi(path)).toThrow(/text\.so cannot be used/);
  expect((await cApi()).devices()).toContain("CPU");
});

test("two runtimes of one library do not disturb each other", async () => {
  const first = await cApi();
  const second = openCApi(first.libraryPath);
  second.dispose();
  second.dispose();
  const compiled = await first.compile({ xml: join(models, "sum.xml") });
  expect(compiled.inputs.map((port) => port.name)).toEqual(["a", "b"]);
  compiled.dispose();
});

test("a compile that was asked for before dispose() is carried out", async () => {
  const runtime = openCApi((await cApi()).libraryPath);
  const compiling = runtime.compile({ xml: join(models, "sum.xml") });
  runtime.dispose();
  expect((await compiling).outputs.map((port) => port.name)).toEqual(["total"]);
});

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-race-"));
  program = join(folder, "writer.mjs");
  const entry = join(import.meta.dirname ?? "", "racingWriter.ts");
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
});
afterAll(() => rm(folder, { recursive: true }));

test("processes that race for one name get a file each, with all of its bytes", async () => {
  const root = join(folder, "root");
  const path = join(root, "deep", "cat.png");
  const letters = ["a", "b", "c"];
  const perWriter = 10;
  const writers: ChildProcess[] = letters.map((letter) =>
    fork(program, [path, root, letter, String(perWriter)], { execArgv: [] }),
  );
  await Promise.all(writers.map((writer) => once(writer, "message")));
  const results = writers.map(async (writer): Promise<string[]> => (await once(writer, "message"))[0]);
  for (const writer of writers) writer.send("go");
  const written = await Promise.all(results);

  expect(new Set(written.flat()).size).toBe(letters.length * perWriter);
  expect((await readdir(join(root, "deep"))).length).toBe(letters.length * perWriter);
  for (const [i, files] of written.entries()) {
    for (const file of files) expect(await readFile(file, "utf8")).toBe(letters[i]?.repeat(200_000));
  }
});

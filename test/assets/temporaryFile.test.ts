import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeFileSystem } from "../../src/assets/fileSystem.ts";
import { removeAbandoned, temporaryName } from "../../src/assets/temporaryFile.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-temporary-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The number of a process that has ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

const namedAfter = (pid: number) => temporaryName().replace(`-${process.pid}-`, `-${pid}-`);

test("what an ended process left is removed, what a running one writes and what is not Limner's stays", async () => {
  const running = temporaryName();
  const kept = [running, "cat.png", ".limner-notes.tmp", "x.tmp"];
  for (const name of [...kept, namedAfter(endedProcess())]) await writeFile(join(folder, name), "");
  await removeAbandoned(nodeFileSystem, folder);
  expect((await readdir(folder)).sort()).toEqual(kept.sort());
});

test("another machine's file stays for a day", async () => {
  const foreign = temporaryName().replace(/^\.limner-[0-9a-f]{8}/, ".limner-00000000");
  await writeFile(join(folder, foreign), "");
  await removeAbandoned(nodeFileSystem, folder);
  expect(await readdir(folder)).toEqual([foreign]);
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(folder, foreign), old, old);
  await removeAbandoned(nodeFileSystem, folder);
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that cannot be listed is no failure", async () => {
  await expect(removeAbandoned(nodeFileSystem, join(folder, "missing"))).resolves.toBeUndefined();
});

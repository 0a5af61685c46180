import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isLocked, withLock } from "../../src/platform/lock.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-lock-"));
  file = join(folder, "below", "one.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("holds its process's number while the task runs, and is gone afterwards", async () => {
  const content = await withLock(file, () => readFile(file, "utf8"));
  expect(content.split(" ")[0]).toBe(String(process.pid));
  expect(existsSync(file)).toBe(false);
});

test("is released when the task fails", async () => {
  await expect(withLock(file, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(existsSync(file)).toBe(false);
});

test("lets one task in at a time and tells the other that it waits", async () => {
  const order: string[] = [];
  const started = deferred();
  const finish = deferred();
  const first = withLock(file, async () => {
    started.resolve();
    await finish.promise;
    order.push("first");
  });
  await started.promise;
  const onWait = () => {
    order.push("second waits");
    finish.resolve();
  };
  await withLock(file, async () => order.push("second"), { onWait });
  await first;
  expect(order).toEqual(["second waits", "first", "second"]);
});

test("is said to be held as long as its process holds it", async () => {
  expect(await isLocked(file)).toBe(false);
  expect(await withLock(file, () => isLocked(file))).toBe(true);
  expect(await isLocked(file)).toBe(false);
  await writeFile(file, String(spawnSync(process.execPath, ["-e", ""]).pid));
  expect(await isLocked(file)).toBe(false);
});

test("of a process that has ended is taken over", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await withLock(file, async () => {});
  await writeFile(file, String(pid));
  expect(await withLock(file, async () => "mine")).toBe("mine");
});

test.each([
  ["this process has got the number of", String(process.pid)],
  // The process that started this one is there, and is not the one that started long before it.
  ["another process has got the number of", `${process.ppid} 1 nobody`],
])("is taken over where %s the one that held it", async (_, content) => {
  if (content.includes("nobody") && process.platform !== "linux") return;
  await withLock(file, async () => {});
  await writeFile(file, content);
  expect(await withLock(file, async () => "mine")).toBe("mine");
});

test("lets one process in at a time, however many find it abandoned at once", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  await withLock(file, async () => {});
  await writeFile(file, String(pid));
  let inside = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(file, task)));
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

test("that was never written is taken over once it is old", async () => {
  await withLock(file, async () => {});
  await writeFile(file, "");
  await utimes(file, 0, 0);
  expect(await withLock(file, async () => "mine")).toBe("mine");
});

test("that is held can be given up on", async () => {
  const signal = AbortSignal.abort();
  await withLock(file, async () => {
    await expect(withLock(file, async () => {}, { signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});

/** A promise and what resolves it; Node 20 has no `Promise.withResolvers`. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

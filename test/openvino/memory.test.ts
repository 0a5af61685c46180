import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../../src/openvino/runtime.ts";
import { f32 } from "../../src/openvino/tensor.ts";
import { cApi, models } from "./adapters.ts";

const megabyte = 1024 * 1024;
let runtime: Runtime;
let folder: string;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

beforeAll(async () => {
  runtime = await cApi();
  folder = await mkdtemp(join(tmpdir(), "limner-memory-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Resident memory in bytes, once what JavaScript no longer needs is gone. */
async function resident(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage.rss();
}

test("1,000 rounds of create, infer, release leave memory as it was", async () => {
  // One tensor of 256 KiB forgotten in each round would come to 250 MiB.
  const [rows, columns] = [256, 256];
  const inputs = {
    a: f32([rows, columns], new Float32Array(rows * columns).fill(1)),
    b: f32([rows, columns], new Float32Array(rows * columns).fill(2)),
  };
  const compiled = await runtime.compile({ xml: join(models, "sum.xml") });
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      const request = compiled.createInferRequest();
      const { total } = await request.infer(inputs);
      if (total?.data[0] !== 3) throw new Error("a round computed a wrong sum");
      request.dispose();
    }
  };
  await rounds(200);
  const before = await resident();
  await rounds(1000);
  expect((await resident()) - before).toBeLessThan(30 * megabyte);
  compiled.dispose();
}, 60_000);

test("12 rounds of compile and release leave memory as it was", async () => {
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      (await runtime.compile({ xml: join(models, "slow.xml") })).dispose();
    }
  };
  await rounds(3);
  const before = await resident();
  // This graph takes 4 MiB: forgotten, they would come to 50 MiB.
  await rounds(12);
  expect((await resident()) - before).toBeLessThan(20 * megabyte);
}, 60_000);

test("what is forgotten without dispose() is released too", async () => {
  const [rows, columns] = [512, 512];
  const x = f32([rows, columns], new Float32Array(rows * columns));
  const compiled = await runtime.compile({ xml: join(models, "sum.xml") });
  const forget = async (count: number) => {
    for (let round = 0; round < count; round++) {
      const request = compiled.createInferRequest();
      request.setInput("a", x);
      request.setInput("b", x);
      if (round % 20 === 0) await resident();
    }
  };
  await forget(40);
  const before = await resident();
  // 400 requests with two inputs of 1 MiB: 800 MiB, were they kept.
  await forget(400);
  expect((await resident()) - before).toBeLessThan(100 * megabyte);
  compiled.dispose();
}, 60_000);

test("a .bin beyond 4 GiB is used where it lies on disk", async () => {
  const offset = 5 * 1024 * megabyte;
  const [xml, bin] = [join(folder, "far.xml"), join(folder, "far.bin")];
  const near = await readFile(join(models, "linear.xml"), "utf8");
  await writeFile(xml, near.replace('offset="0"', `offset="${offset}"`));
  const weights = await readFile(join(models, "linear.bin"));
  const file = await open(bin, "w");
  await file.write(weights, 0, weights.byteLength, offset);
  expect((await file.stat()).size).toBe(offset + 24);
  await file.close();

  const before = process.memoryUsage();
  const compiled = await runtime.compile({ xml }, { properties: { INFERENCE_PRECISION_HINT: "f32" } });
  const { y } = await compiled.createInferRequest().infer({ x: f32([1, 3], [1, 2, 3]) });
  const after = process.memoryUsage();
  expect(y).toEqual(f32([1, 2], [22, 28]));
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(megabyte);
  expect(after.rss - before.rss).toBeLessThan(256 * megabyte);
  compiled.dispose();
});

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { convertModel } from "../../../src/convert/convertModel.ts";
import { modelWithLoras } from "../../../src/models/lora/mergedVariant.ts";
import { evictVariants } from "../../../src/models/lora/variantCache.ts";
import { ModelStore } from "../../../src/models/store/modelStore.ts";

const fixtures = "test/fixtures/convert/sdxl-like";
const lora = resolve(fixtures, "lora/kohya.safetensors");
const folder = mkdtempSync(join(tmpdir(), "limner-variants-"));
const model = join(folder, "model");
const variants = join(folder, "variants");
const places = { store: new ModelStore(join(folder, "store")), folder: variants };
const phases: string[] = [];
const hooks = { onProgress: ({ phase }: { phase: string }) => phases.push(phase) };

const variant = (scale: number) => modelWithLoras(model, [{ name: lora, scale }], hooks, places);

/** When a variant was used last, some time ago. */
function usedHoursAgo(built: string, hours: number): void {
  const then = Date.now() / 1000 - 3600 * hours;
  utimesSync(join(built, "limner.json"), then, then);
}

beforeAll(() => convertModel({ source: join(fixtures, "source"), out: model }));
afterAll(() => rmSync(folder, { recursive: true }));

it("a variant is built once, and found by all who ask for it later", async () => {
  const first = await variant(0.5);
  expect(phases).toContain("merge");
  const unet = () => statSync(join(first, "unet", "openvino_model.bin"));
  const built = unet();
  usedHoursAgo(first, 1);
  phases.length = 0;
  expect(await Promise.all([variant(0.5), variant(0.5)])).toEqual([first, first]);
  expect(phases).toEqual([]);
  expect(unet()).toMatchObject({ ino: built.ino, mtimeMs: built.mtimeMs });
  // It counts as used now.
  expect(Date.now() - statSync(join(first, "limner.json")).mtimeMs).toBeLessThan(3_000_000);
  expect(await variant(0)).toBe(model);
});

it("of several, those that were not used for longest go, until the rest keeps to the limit", async () => {
  const [first, second, third] = [await variant(0.5), await variant(0.6), await variant(0.7)];
  for (const [hours, built] of [first, second, third].entries()) usedHoursAgo(built, 3 - hours);
  const size = statSync(join(third, "unet", "openvino_model.bin")).size;
  const key = third.slice(variants.length + 1);
  await evictVariants(variants, key, Number.POSITIVE_INFINITY);
  expect([first, second, third].map((one) => existsSync(one))).toEqual([true, true, true]);
  // Room for one and a bit, and the last is in use.
  await evictVariants(variants, key, 2.5 * size);
  expect([first, second, third].map((one) => existsSync(one))).toEqual([false, expect.any(Boolean), true]);
  await evictVariants(variants, key, 0);
  expect(readdirSync(variants).sort()).toEqual([key, "locks"].sort());
  // What is gone is built anew.
  expect(existsSync(join(await variant(0.5), "unet", "openvino_model.bin"))).toBe(true);
});

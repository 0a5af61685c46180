import { expect, test } from "vitest";
import { aspectBuckets } from "../../../src/images/aspectBuckets.ts";
import type { ModelFacts } from "../../../src/protocol/panel/panelModel.ts";
import { emptyForm } from "../../../webview/composer/form.ts";
import { chosenSize, ratioName, sizeChange, sizeChoices } from "../../../webview/composer/sizes.ts";

const size = { width: 1024, height: 1024 };
const facts: ModelFacts = {
  model: "sdxl",
  role: "base",
  size,
  sizes: aspectBuckets({ defaultSize: size, sizeMultiple: 8 }),
  sizeMultiple: 8,
  fixedSize: false,
  samplers: [],
  steps: 50,
  guidanceScale: 5,
};

test("the model's own size comes first, then its buckets from the tallest to the widest, then any other", () => {
  const choices = sizeChoices(facts);
  expect(choices[0]).toEqual({ value: "model", text: "Model's own (1024 × 1024)" });
  expect(choices[1]).toEqual({ value: "512x2048", text: "512 × 2048  1:4" });
  expect(choices.at(-1)).toEqual({ value: "free", text: "Other…" });
  expect(choices.map(({ value }) => value)).toContain("1216x832");
  expect(choices).toHaveLength(facts.sizes.length + 2);
});

test("a model of one size offers no buckets", () => {
  expect(sizeChoices({ ...facts, fixedSize: true }).map(({ value }) => value)).toEqual(["model", "free"]);
});

test.each([
  [1024, 1024, "1:1"],
  [832, 1216, "2:3"],
  [1344, 768, "16:9"],
  [896, 1152, undefined],
])("%i × %i is called %s", (width, height, name) => {
  expect(ratioName({ width, height })).toBe(name);
});

test("a bucket is chosen by its size, and what is no bucket is another size", () => {
  const bucket = { ...emptyForm, ...sizeChange("1216x832", emptyForm, facts) };
  expect([bucket.width, bucket.height]).toEqual(["1216", "832"]);
  expect(chosenSize(bucket, facts)).toBe("1216x832");
  expect(chosenSize(bucket, { ...facts, fixedSize: true })).toBe("free");
  expect(chosenSize(emptyForm, facts)).toBe("model");
});

test("another size begins with the model's own", () => {
  expect(sizeChange("free", emptyForm, facts)).toEqual({ size: "free", width: "1024", height: "1024" });
});

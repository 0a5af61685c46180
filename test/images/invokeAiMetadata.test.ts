import { expect, test } from "vitest";
import { parseInvokeAiMetadata } from "../../src/images/invokeAiMetadata.ts";

test("InvokeAI's fields become those of a request", () => {
  const metadata = {
    generation_mode: "sdxl_txt2img",
    positive_prompt: "a cat",
    negative_prompt: "",
    width: 1024,
    height: 768,
    seed: 12,
    cfg_scale: 7.5,
    steps: 30,
    scheduler: "euler",
    model: { key: "k", name: "my-xl", base: "sdxl" },
  };
  expect(parseInvokeAiMetadata(metadata)).toEqual({
    prompt: "a cat",
    negativePrompt: "",
    steps: 30,
    guidanceScale: 7.5,
    seed: 12,
    size: { width: 1024, height: 768 },
    model: "my-xl",
  });
});

test("without a prompt, or as anything but an object, it says nothing", () => {
  expect(parseInvokeAiMetadata({ seed: 1 })).toBeUndefined();
  expect(parseInvokeAiMetadata([1, 2])).toBeUndefined();
  expect(parseInvokeAiMetadata(undefined)).toBeUndefined();
});

import { expect, it } from "vitest";
import { suggestedName } from "../../../src/models/store/modelNames.ts";
import { modelNameSchema } from "../../../src/models/store/storedModel.ts";

it.each(["locks", "Index.json", "nul", "com1.safetensors", "a..b", "a~new", "-a", "a/b"])(
  "%s is no model's name: the store, the system or a command line has another use for it",
  (name) => {
    expect(modelNameSchema.safeParse(name).success).toBe(false);
  },
);

it("a name is made of a file's or a repository's", () => {
  expect(suggestedName("x/pytorch_lora_weights.safetensors", "owner/lcm-lora")).toBe("lcm-lora");
  expect(suggestedName("My model (v2).safetensors")).toBe("My-model-v2");
  expect(suggestedName("nul")).toBe("model");
});

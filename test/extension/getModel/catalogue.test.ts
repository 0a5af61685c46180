import { expect, test } from "vitest";
import { catalogueEntries, typedRepository } from "../../../src/extension/getModel/catalogueEntries.ts";
import { factsText, licenseQuestion } from "../../../src/extension/getModel/modelFacts.ts";

const found = {
  where: "hub",
  repository: "stabilityai/sdxl-turbo",
  commit: "0",
  kind: "diffusers",
  files: 9,
  bytes: 6_900_000_000,
  gated: false,
  license: "sai-nc-community",
  licenseLink: "https://hub/license",
  nonCommercial: true,
  licenseAccepted: false,
} as const;

test("the catalogue says what a model is for, and what is here comes last", () => {
  const entries = catalogueEntries({
    available: [
      { name: "a", title: "A", repository: "o/a", kind: "checkpoint", role: "base" },
      { name: "b", title: "B", repository: "o/b", kind: "openvino", role: "few-step", nonCommercial: true },
      { name: "c", title: "C", repository: "o/c", kind: "lora", role: "few-step" },
    ],
    models: [{ name: "a", type: "model", state: "ready", origin: "hub", bytes: 1, sourceBytes: 0 }],
  });
  expect(entries).toEqual([
    { label: "B", description: "draws in a few steps · not for commercial use", what: "b" },
    { label: "C", description: "LoRA that makes a model draw in a few steps", what: "c" },
    {
      label: "$(check) A",
      description: "here already · draws from prompts · is converted after the download",
      what: "a",
    },
  ]);
});

test.each([
  [" tiny/ir ", "tiny/ir"],
  ["owner/name/file.safetensors", "owner/name/file.safetensors"],
  ["https://huggingface.co/a/b", "https://huggingface.co/a/b"],
  ["turbo", undefined],
  ["two words/x y", undefined],
])("%s may be a repository or not", (typed, repository) => {
  expect(typedRepository(typed)).toBe(repository);
});

test("size and license are told before a download", () => {
  expect(factsText(found)).toBe("6.90 GB · sai-nc-community");
  expect(factsText({ ...found, license: undefined, gated: true })).toBe(
    "6.90 GB · no license stated · needs an account and its authors' consent",
  );
  expect(licenseQuestion(found)).toEqual({
    message: "Download stabilityai/sdxl-turbo, 6.90 GB?",
    detail: "It is licensed under sai-nc-community (https://hub/license). It is not for commercial use.",
  });
});

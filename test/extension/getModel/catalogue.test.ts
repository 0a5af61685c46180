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

const available = [
  { name: "a", title: "A", repository: "o/a", kind: "checkpoint", role: "base" },
  { name: "b", title: "B", repository: "o/b", kind: "openvino", role: "few-step", nonCommercial: true },
  { name: "c", title: "C", repository: "o/c", kind: "lora", role: "few-step" },
] satisfies Parameters<typeof catalogueEntries>[0]["available"];
const models = [
  { name: "a", type: "model", state: "ready", origin: "hub", bytes: 1, sourceBytes: 0 },
] satisfies Parameters<typeof catalogueEntries>[0]["models"];

test("the catalogue says what a model is for, and what is here comes last", () => {
  const entries = catalogueEntries({ available, models, interrupted: [] });
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

test("downloads that did not end come first, where the same name goes on with them", () => {
  const left = {
    type: "model",
    isRunning: false,
    commit: "0",
    bytes: 1e6,
    bytesDone: 3e6,
    bytesTotal: 7e6,
  } as const;
  const interrupted = [
    { ...left, id: "o/b", repository: "o/b", resume: { what: "b" } },
    { ...left, id: "x/y", repository: "x/y", resume: { what: "https://hub/x/y" } },
    { ...left, id: "x/named", repository: "x/named", resume: { what: "x/named", name: "mine" } },
    { ...left, id: "x/now", repository: "x/now", resume: { what: "x/now" }, isRunning: true },
  ];
  const entries = catalogueEntries({ available, models, interrupted });
  expect(entries.slice(0, 2)).toEqual([
    { label: "$(debug-continue) B", description: "goes on: 3.0 MB of 7.0 MB fetched", what: "b" },
    {
      label: "$(debug-continue) x/y",
      description: "goes on: 3.0 MB of 7.0 MB fetched",
      what: "https://hub/x/y",
    },
  ]);
  expect(entries.slice(2).map(({ what }) => what)).toEqual(["c", "a"]);
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
    detail:
      "stabilityai/sdxl-turbo is licensed under sai-nc-community (https://hub/license). It is not for commercial use.",
  });
});

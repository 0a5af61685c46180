import { describe, expect, it } from "vitest";
import { isSafePath, parseRepositoryName } from "../../src/hub/repositoryName.ts";

const endpoint = "https://mirror.example";
const parse = (text: string) => parseRepositoryName(text, endpoint);

describe("the name of a repository", () => {
  it.each([
    ["stabilityai/sdxl-turbo", { repository: "stabilityai/sdxl-turbo" }],
    ["a/b@v1.0", { repository: "a/b", revision: "v1.0" }],
    ["a/b@refs/pr/1", { repository: "a/b", revision: "refs/pr/1" }],
    ["a/b/lora/x.safetensors", { repository: "a/b", file: "lora/x.safetensors" }],
    ["https://huggingface.co/a/b", { repository: "a/b" }],
    ["https://huggingface.co/a/b/", { repository: "a/b" }],
    ["https://hf.co/a/b?library=diffusers#top", { repository: "a/b" }],
    ["https://mirror.example/a/b/tree/main/unet", { repository: "a/b", revision: "main" }],
    [
      "https://huggingface.co/a/b/blob/main/x%20y.safetensors",
      { repository: "a/b", revision: "main", file: "x y.safetensors" },
    ],
    [
      "https://huggingface.co/a/b/resolve/v1/c/x.safetensors?download=true",
      { repository: "a/b", revision: "v1", file: "c/x.safetensors" },
    ],
  ])("%s", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ["a", "neither a repository"],
    ["../b", "neither a repository"],
    ["a/b@../../x", "neither a repository"],
    ["a/b/../c.safetensors", "neither a repository"],
    ["a/b@v@w", "neither a repository"],
    ["a--b/c", "neither a repository"],
    ["https://example.com/a/b", "is not a page of mirror.example"],
    ["https://huggingface.co/datasets/a/b", "is not the page of a model"],
    ["https://huggingface.co/a/b/blob/main/x%2F..%2Fy", "neither a repository"],
    ["https://huggingface.co/a/b/discussions/3", "neither a repository"],
    ["https://huggingface.co/a/%E0%A4%A", "neither a repository"],
  ])("is refused: %s", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe("a path of a repository", () => {
  it.each(["a", "a/b.json", "text_encoder/model.fp16.safetensors", "x y/z"])("may be a file: %s", (path) => {
    expect(isSafePath(path)).toBe(true);
  });

  it.each(["", "/a", "a//b", "../a", "a/..", "a\\b", "C:/a", "a\u0000b", "a.", "a/b ", "nul?"])(
    "may not: %j",
    (path) => {
      expect(isSafePath(path)).toBe(false);
    },
  );
});

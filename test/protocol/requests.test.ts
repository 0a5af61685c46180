import { describe, expect, it } from "vitest";
import { generateImages } from "../../src/protocol/generateImages.ts";
import { initialize } from "../../src/protocol/initialize.ts";
import { requests } from "../../src/protocol/requests.ts";
import { shutdown } from "../../src/protocol/shutdown.ts";

const all = [initialize, shutdown, ...Object.values(requests)];

describe("requests", () => {
  it("have names of their own", () => {
    expect(new Set(all.map(({ method }) => method)).size).toBe(all.length);
  });

  it.each(all)("$method refuses what is no object, and what it does not know", ({ params }) => {
    for (const value of [null, 1, "text", [], { unknown: true }]) {
      // An object without fields is what some requests take; what is unknown in it is not.
      expect(params.safeParse(value).success).toBe(false);
    }
  });

  it("are asked again after a crash only where that does no harm", () => {
    const repeatable = all.filter((type) => type.repeatable).map(({ method }) => method);
    expect(repeatable).toEqual([
      "initialize",
      "runtime/status",
      "prompts/tokenize",
      "images/estimate",
      "images/list",
      "images/thumbnail",
      "images/readParameters",
      "jobs/list",
      "host/statistics",
      "models/list",
      "models/inspect",
    ]);
  });
});

describe("images/generate", () => {
  const sound = {
    job: "1",
    request: { prompt: "a red circle" },
    target: { kind: "pattern", folder: "/project/pictures", pattern: "${slug}-${seed}.png" },
  };

  it("takes a request with its target", () => {
    expect(generateImages.params.parse(sound)).toEqual(sound);
    const file = { ...sound, target: { kind: "file", file: "C:\\pictures\\cat.png" } };
    expect(generateImages.params.parse(file)).toEqual(file);
  });

  it.each(["cat.png", "./cat.png", "../cat.png", "C:cat.png", "", "/a\0b"])(
    "refuses %j as a file: paths are absolute",
    (file) => {
      const { success } = generateImages.params.safeParse({ ...sound, target: { kind: "file", file } });
      expect(success).toBe(false);
    },
  );

  it("validates the request within it", () => {
    const { error } = generateImages.params.safeParse({ ...sound, request: { prompt: "x", steps: 1e9 } });
    expect(error?.issues[0]?.path).toEqual(["request", "steps"]);
  });
});

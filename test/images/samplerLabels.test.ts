import { expect, test } from "vitest";
import { samplerLabel, samplerName } from "../../src/images/samplerLabels.ts";

test("samplers go out under other tools' names and come back", () => {
  expect(samplerLabel("dpmpp-2m-sde")).toBe("DPM++ 2M SDE");
  for (const name of [
    "euler",
    "euler-ancestral",
    "ddim",
    "pndm",
    "heun",
    "lms",
    "unipc",
    "lcm",
    "tcd",
    "edm-euler",
  ]) {
    expect(samplerName(samplerLabel(name))).toBe(name);
  }
});

test("a schedule in the sampler's name is not part of it", () => {
  expect(samplerName("DPM++ 2M Karras")).toBe("dpmpp-2m");
  expect(samplerName("euler A")).toBe("euler-ancestral");
});

test("names no one knows go out as they are and are not taken in", () => {
  expect(samplerLabel("restart")).toBe("restart");
  expect(samplerName("Restart")).toBeUndefined();
});

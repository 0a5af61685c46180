import { describe, expect, it } from "vitest";
import { refuseContradictions } from "../../src/host/requestContradictions.ts";
import type { GenerateRequest } from "../../src/protocol/generateRequest.ts";

const images = ["a.png"];

describe("a request is refused", () => {
  it.each<[Partial<GenerateRequest>, string]>([
    [{ mask: "m.png" }, "A mask needs a picture: give an image to begin with."],
    [{ strength: 0.5 }, "A strength needs a picture"],
    [{ grow: 8 }, "A border to paint (grow) needs a picture"],
    [{ keepSize: true }, "Keeping the size needs a picture"],
    [{ images, maskBlur: 2 }, "A mask blur needs a mask: give one, or a border to paint (grow)."],
    [{ images, maskCrop: 2 }, "A crop around the mask needs a mask"],
    [{ images, keepOriginal: false }, "Keeping the original needs a mask"],
    [{ fit: "cover" }, "A fit needs a picture to begin with or an output size"],
    [{ upscaleStrength: 0.2 }, "An upscale strength needs a factor to enlarge by"],
    [{ images, mask: "m.png", upscale: 2 }, "Upscaling by 2 does not go with a mask"],
    [{ images, keepSize: true, upscale: 2 }, "Upscaling by 2 does not go with keeping the picture's size"],
    [
      { images, keepSize: true, outputSize: { width: 64, height: 32 } },
      "An output size of 64x32 does not go with keeping the picture's size: give one of them.",
    ],
  ])("%j", (fields, sentence) => {
    expect(() => refuseContradictions({ prompt: "", ...fields })).toThrow(sentence);
  });
});

it.each<[Partial<GenerateRequest>]>([
  [{}],
  [{ images, strength: 0.5, fit: "contain", keepSize: true }],
  [{ images, grow: 8, maskBlur: 2, maskCrop: 0, keepOriginal: true }],
  [{ images, mask: "m.png", maskBlur: 2, maskCrop: 8, keepOriginal: false }],
  [{ outputSize: { width: 64, height: 32 }, fit: "contain" }],
  [{ images, upscale: 2, upscaleStrength: 0 }],
])("a request is taken: %j", (fields) => {
  expect(() => refuseContradictions({ prompt: "", ...fields })).not.toThrow();
});

import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { generateHelp, parseGenerateCommand } from "../../src/cli/generateOptions.ts";
import { generateRequestSchema } from "../../src/protocol/generateRequest.ts";

function parse(...args: string[]) {
  const command = parseGenerateCommand(args);
  if (command === "help") throw new Error("help was not asked for");
  return command;
}

describe("the command line of generate", () => {
  it("joins the words of the prompt", () => {
    expect(parse("a", "red", "circle").request).toEqual({ prompt: "a red circle" });
  });

  it("takes an empty prompt, which is not a missing one", () => {
    expect(parse("").request.prompt).toBe("");
    expect(() => parse()).toThrow("A prompt is missing");
  });

  it("fills every field of a request", () => {
    const { request, out, json, latentsOut, setup } = parse(
      ...["cat", "--negative", "dog", "--prompt-2", "kitten", "--negative-2", "puppy", "--model", "m"],
      ...["--size", "1024x768", "--steps", "30", "--guidance", "6.5", "--seed", "314", "--count", "2"],
      ...[
        "--scheduler",
        "euler",
        "--precision",
        "f32",
        "--device",
        "GPU.1",
        "--lora",
        "style:0.5",
        "--original-size",
        "2000x1000",
      ],
      ...[
        "--crop",
        "3,4",
        "--target-size",
        "640x480",
        "--negative-original-size",
        "20x10",
        "--negative-crop",
        "1,2",
      ],
      ...["--sigmas", "karras", "--sigmas-list", "14.5, 3,0", "--spacing", "trailing", "--eta", "0.3"],
      ...["--negative-target-size", "30x40", "--out", "here/", "--latents-out", "l.npy", "--json", "--setup"],
      ...[
        "--guidance-rescale",
        "0.7",
        "--guidance-range",
        "0.1,0.8",
        "--clip-skip",
        "1",
        "--long-prompts",
        "cut",
      ],
      ...[
        "--image",
        "/a/b.png",
        "--image",
        "/a/c.png",
        "--strength",
        "0.6",
        "--fit",
        "contain",
        "--keep-size",
      ],
      ...[
        "--mask",
        "/a/m.png",
        "--mask-blur",
        "4",
        "--keep-original",
        "off",
        "--refiner",
        "r",
        "--handoff",
        "0.7",
      ],
      ...["--grow", "32", "--mask-crop", "16", "--tile", "xy", "--transparent", "--output-size", "64x32"],
      ...["--upscale", "2.5", "--upscale-strength", "0.4"],
      ...["--variation-seed", "9", "--variation-strength", "0.2"],
      ...["--refine-strength", "0.2", "--aesthetic-score", "7", "--negative-aesthetic-score", "3"],
      ...["--weighting", "off", "--embedding", "/a/one.safetensors", "--embedding", "/a/two.safetensors"],
    );
    expect(request).toEqual({
      prompt: "cat",
      prompt2: "kitten",
      negativePrompt: "dog",
      negativePrompt2: "puppy",
      model: "m",
      size: { width: 1024, height: 768 },
      steps: 30,
      guidanceScale: 6.5,
      seed: 314,
      count: 2,
      scheduler: "euler",
      sigmas: "karras",
      sigmasList: [14.5, 3, 0],
      timestepSpacing: "trailing",
      eta: 0.3,
      images: [resolve("/a/b.png"), resolve("/a/c.png")],
      strength: 0.6,
      fit: "contain",
      keepSize: true,
      mask: resolve("/a/m.png"),
      maskBlur: 4,
      keepOriginal: false,
      grow: 32,
      maskCrop: 16,
      tile: "xy",
      transparent: true,
      outputSize: { width: 64, height: 32 },
      upscale: 2.5,
      upscaleStrength: 0.4,
      variationSeed: 9,
      variationStrength: 0.2,
      refiner: "r",
      handoff: 0.7,
      refineStrength: 0.2,
      aestheticScore: 7,
      negativeAestheticScore: 3,
      originalSize: { width: 2000, height: 1000 },
      cropsCoordsTopLeft: { x: 3, y: 4 },
      targetSize: { width: 640, height: 480 },
      negativeOriginalSize: { width: 20, height: 10 },
      negativeCropsCoordsTopLeft: { x: 1, y: 2 },
      negativeTargetSize: { width: 30, height: 40 },
      guidanceRescale: 0.7,
      guidanceRange: [0.1, 0.8],
      clipSkip: 1,
      longPrompts: "cut",
      weighting: "off",
      embeddings: [resolve("/a/one.safetensors"), resolve("/a/two.safetensors")],
      precision: "f32",
      device: "GPU.1",
      loras: [{ name: "style", scale: 0.5 }],
    });
    expect(Object.keys(request).sort()).toEqual(Object.keys(generateRequestSchema.shape).sort());
    expect({ out, json, latentsOut, setup }).toEqual({
      out: "here/",
      json: true,
      latentsOut: "l.npy",
      setup: true,
    });
  });

  it.each([
    [["cat", "--steps", "0"], '--steps "0" is not possible: the smallest that is possible is 1.'],
    [["cat", "--steps", "2.5"], '--steps "2.5" is not possible: it takes a whole number.'],
    [["cat", "--steps", "many"], '--steps takes a number, not "many".'],
    [["cat", "--size", "big"], '--size takes WIDTHxHEIGHT, for example 1024x768, not "big".'],
    [["cat", "--count", "1001"], '--count "1001" is not possible: the largest that is possible is 1000.'],
    [["cat", "--model", ""], '--model "" is not possible: it is empty.'],
    [["cat", "--crop", "5"], '--crop takes X,Y, for example 0,0, not "5".'],
    [["cat", "--seed=-1"], '--seed "-1" is not possible: the smallest that is possible is 0.'],
    [["cat", "--precision", "f16"], '--precision "f16" is not possible: it takes auto or f32.'],
    [["cat", "--device", "gpu"], '--device "gpu" is not possible: it takes an OpenVINO device such as CPU'],
    [
      ["cat", "--guidance-range", "0.8,0.2"],
      '--guidance-range "0.8,0.2" is not possible: the first number must be below the second.',
    ],
    [["cat", "--guidance-range", "0.5"], '--guidance-range takes two numbers, for example 0,0.8, not "0.5".'],
    [
      ["cat", "--guidance-rescale", "2"],
      '--guidance-rescale "2" is not possible: the largest that is possible is 1.',
    ],
    [["cat", "--clip-skip=-1"], '--clip-skip "-1" is not possible: the smallest that is possible is 0.'],
    [["cat", "--long-prompts", "all"], '--long-prompts "all" is not possible: it takes chunk or cut.'],
    [["cat", "--sigmas", "wide"], '--sigmas "wide" is not possible: it takes default or karras or'],
    [["cat", "--sigmas-list", "3,x"], '--sigmas-list takes a number, not "x".'],
    [["cat", "--eta", "1.5"], '--eta "1.5" is not possible: the largest that is possible is 1.'],
    [["cat", "--colour", "red"], "Unknown option '--colour'"],
    [["cat", "--steps"], "Option '--steps <value>' argument missing"],
  ])("refuses %j with a sentence that names the value", (args, sentence) => {
    expect(() => parse(...args)).toThrow(sentence);
  });

  it("explains every option in a line", () => {
    const help = generateHelp();
    for (const option of help.matchAll(/^ {2}(--\S+)(.*)$/gm)) {
      expect(option[2]?.trim().length, option[1]).toBeGreaterThan(10);
    }
    // Every field but the prompt has an option; six more are the command's own.
    const fields = Object.keys(generateRequestSchema.shape).length;
    expect(help.match(/^ {2}--/gm)).toHaveLength(fields - 1 + 6);
  });
});

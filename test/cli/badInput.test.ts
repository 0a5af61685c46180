// What a person sees who asks for the impossible: one sentence, an exit code, and no file.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runLimner } from "../support/limner.ts";

const tiny = "test/fixtures/tiny-sdxl";
let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "limner-bad-"));
  out = join(folder, "out");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of the tiny model that a test may break. */
function copyOfTiny(): string {
  const copy = join(folder, "model");
  cpSync(tiny, copy, { recursive: true });
  return copy;
}

/** Runs `limner generate` and expects it to fail with one sentence and nothing written. */
async function refusal(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; sentence: string }> {
  const { code, stdout, stderr } = await runLimner(["generate", ...args], { env });
  const sentences = stderr.split(/[\r\n]+/).filter((line) => line.startsWith("limner: "));
  expect(sentences).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).toBe("");
  if (existsSync(out)) expect(readdirSync(out)).toEqual([]);
  return { code, sentence: (sentences[0] ?? "").replaceAll(folder, "FOLDER") };
}

describe("wrong usage ends with 2", () => {
  it.each([
    [["--model", tiny], "A prompt is missing"],
    [
      ["cat", "--model", tiny, "--size", "100x64"],
      "The size 100x64 does not divide: this model's width and height are multiples of 32. The nearest is 96x64.",
    ],
    [
      ["cat", "--model", tiny, "--steps", "0"],
      '--steps "0" is not possible: the smallest that is possible is 1.',
    ],
    [
      ["cat", "--model", tiny, "--scheduler", "fastest"],
      'There is no sampler "fastest". Choose one of euler',
    ],
    [["cat", "--model", tiny, "--out", "picture.tiff"], "picture.tiff does not say in which format to write"],
    [["cat", "--model", tiny, "--negative-target-size", "64x64"], "The negative prompt's sizes go together"],
  ])("%j", async (args, expected) => {
    const place = args.includes("--out") ? [] : ["--out", out];
    const { code, sentence } = await refusal([...args, ...place]);
    expect(sentence).toContain(expected);
    expect(code).toBe(2);
  });
});

describe("a model that cannot be used ends with 1", () => {
  it("is not there", async () => {
    const { code, sentence } = await refusal(["cat", "--model", join(folder, "none"), "--out", out]);
    expect(sentence).toMatch(/^limner: There is no model "FOLDER.none"/);
    expect(code).toBe(1);
  });

  it("lacks a file", async () => {
    const model = copyOfTiny();
    rmSync(join(model, "unet", "openvino_model.bin"));
    const { code, sentence } = await refusal(["cat", "--model", model, "--out", out]);
    expect(sentence).toBe(
      `limner: ${join("FOLDER", "model", "unet", "openvino_model.bin")} is missing. Download or convert the model again.`,
    );
    expect(code).toBe(1);
  });

  it("has a submodel of another shape", async () => {
    const model = copyOfTiny();
    rmSync(join(model, "vae_decoder", "openvino_model.xml"));
    rmSync(join(model, "vae_decoder", "openvino_model.bin"));
    cpSync(join(tiny, "vae_encoder", "openvino_model.xml"), join(model, "vae_decoder", "openvino_model.xml"));
    cpSync(join(tiny, "vae_encoder", "openvino_model.bin"), join(model, "vae_decoder", "openvino_model.bin"));
    const { code, sentence } = await refusal(["cat", "--model", model, "--out", out, "--steps", "1"]);
    expect(sentence).toContain(
      "has no input or output named latent_sample. Export the model again with Optimum Intel.",
    );
    expect(code).toBe(1);
  });

  it("has a UNet for other channels", async () => {
    const model = copyOfTiny();
    const file = join(model, "unet", "config.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"in_channels": 4', '"in_channels": 5'));
    const { sentence } = await refusal(["cat", "--model", model, "--out", out, "--steps", "1"]);
    expect(sentence).toContain("This model cannot draw from text alone");
  });

  it.each([
    ["cut off", (xml: string) => xml.slice(0, xml.length / 2)],
    ["no IR", () => "<html></html>"],
    ["empty", () => ""],
  ])("has a damaged IR: %s", async (_, damage) => {
    const model = copyOfTiny();
    const file = join(model, "unet", "openvino_model.xml");
    writeFileSync(file, damage(readFileSync(file, "utf8")));
    const { code, sentence } = await refusal(["cat", "--model", model, "--out", out, "--steps", "1"]);
    expect(sentence).toContain("openvino_model.xml");
    expect(sentence.length).toBeLessThan(600);
    expect(code).toBe(1);
  });

  it("has a .bin that is cut off", async () => {
    const model = copyOfTiny();
    const file = join(model, "unet", "openvino_model.bin");
    writeFileSync(file, readFileSync(file).subarray(0, 1000));
    const { code, sentence } = await refusal(["cat", "--model", model, "--out", out, "--steps", "1"]);
    expect(sentence).toContain("openvino_model");
    expect(code).toBe(1);
  });
});

describe("an output that cannot be written ends with 1, before anything is drawn", () => {
  it("lies below a file", async () => {
    writeFileSync(join(folder, "file"), "");
    const { code, sentence } = await refusal([
      "cat",
      "--model",
      tiny,
      "--out",
      `${join(folder, "file", "deeper")}/`,
    ]);
    expect(sentence).toContain(join("FOLDER", "file"));
    expect(code).toBe(1);
  });
});

describe("a runtime that cannot be loaded ends with 1", () => {
  it("is not where the setting says", async () => {
    const env = { LIMNER_OPENVINO_LIB: join(folder, "nowhere") };
    const { code, sentence } = await refusal(["cat", "--model", tiny, "--out", out], env);
    expect(sentence).toContain(join("FOLDER", "nowhere"));
    expect(code).toBe(1);
  });

  it("is no library", async () => {
    const library = join(folder, "libopenvino_c.so");
    writeFileSync(library, "not a library");
    const { code, sentence } = await refusal(["cat", "--model", tiny, "--out", out], {
      LIMNER_OPENVINO_LIB: library,
    });
    expect(sentence).toContain(join("FOLDER", "libopenvino_c.so"));
    expect(code).toBe(1);
  });

  it("is a backend that there is not", async () => {
    const { code, sentence } = await refusal(["cat", "--model", tiny, "--out", out], {
      LIMNER_BACKEND: "cuda",
    });
    expect(sentence).toContain('LIMNER_BACKEND is "cuda"');
    expect(code).toBe(2);
  });
});

describe("Ctrl+C", () => {
  it("ends with 130 within a step and leaves no file", async () => {
    let interrupted = false;
    const { code, stderr, stdout } = await runLimner(
      ["generate", "cat", "--model", tiny, "--steps", "1000", "--out", out],
      {
        onStderr(text, interrupt) {
          if (interrupted || !/Step [1-9]/.test(text)) return;
          interrupted = true;
          interrupt();
        },
      },
    );
    expect(code).toBe(130);
    expect(stderr).toContain("limner: Cancelled.");
    expect(stdout).toBe("");
    expect(readdirSync(out)).toEqual([]);
  });
});

it("gives a name that is taken a number instead of writing over the file", async () => {
  const file = join(out, "a.png");
  const args = ["generate", "cat", "--model", tiny, "--steps", "1", "--out", file];
  expect(await runLimner(args)).toMatchObject({ code: 0, stdout: `${file}\n` });
  expect(await runLimner(args)).toMatchObject({ code: 0, stdout: `${join(out, "a-2.png")}\n` });
});

import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { readParameters } from "../../src/images/parametersReading.ts";
import { insertChunks, textChunk } from "../../src/images/pngChunks.ts";
import { seededRandom } from "./seededRandom.ts";
import { testRecord, twoColors } from "./testRecord.ts";

let folder: string;
let png: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "limner-parameters-"));
  png = await encodeImage(twoColors(), "png");
});
afterAll(() => rm(folder, { recursive: true }));

const foreign = "a cat\nNegative prompt: dog\nSteps: 9, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 64x64";

test("a PNG of an AUTOMATIC1111-style tool, from a file", async () => {
  const file = join(folder, "foreign.png");
  await writeFile(file, insertChunks(png, [textChunk({ keyword: "parameters", text: foreign })]));
  const found = await readParameters(file);
  expect(found?.source).toBe("parameters");
  expect(found?.request).toEqual({
    prompt: "a cat",
    negativePrompt: "dog",
    steps: 9,
    scheduler: "euler-ancestral",
    guidanceScale: 7,
    seed: 3,
    size: { width: 64, height: 64 },
  });
});

test("a JPEG whose comment was written by another program", async () => {
  const jpeg = await sharp(png)
    .withExif({ IFD2: { UserComment: foreign } })
    .jpeg()
    .toBuffer();
  expect((await readParameters(jpeg))?.request).toMatchObject({ prompt: "a cat", seed: 3 });
});

test("a PNG of InvokeAI", async () => {
  const text = JSON.stringify({ positive_prompt: "a cat", seed: 5 });
  const found = await readParameters(insertChunks(png, [textChunk({ keyword: "invokeai_metadata", text })]));
  expect(found).toEqual({ source: "invokeai", request: { prompt: "a cat", seed: 5 } });
});

test("Limner's own files, from a file, in every format", async () => {
  for (const format of ["png", "jpeg", "webp", "avif"] as const) {
    const file = join(folder, `own.${format}`);
    await writeFile(
      file,
      await encodeImage(twoColors(), format, describeGeneration(testRecord({ seed: 77 }))),
    );
    expect((await readParameters(file))?.request.seed).toBe(77);
  }
});

test("a request that is no JSON falls back to the parameters", async () => {
  const xmp =
    '<x xmlns:limner="https://github.com/limner/limner/xmp/1.0/"><limner:Request>{oops</limner:Request></x>';
  const bytes = insertChunks(png, [
    textChunk({ keyword: "parameters", text: foreign }),
    textChunk({ keyword: "XML:com.adobe.xmp", text: xmp }, "iTXt"),
  ]);
  expect((await readParameters(bytes))?.source).toBe("parameters");
});

test("a picture that says nothing gives nothing", async () => {
  expect(await readParameters(png)).toBeUndefined();
});

describe("bad files", () => {
  test("a file that is not there or is no picture gets one sentence", async () => {
    const missing = join(folder, "missing.png");
    await expect(readParameters(missing)).rejects.toMatchObject({ code: "image-unreadable" });
    await expect(readParameters(Buffer.from("hello"))).rejects.toThrow(
      "The picture cannot be read as a picture: ",
    );
  });

  test("a file of more than 512 MB is not searched", async () => {
    const file = join(folder, "large.png");
    await writeFile(file, insertChunks(png, [textChunk({ keyword: "parameters", text: foreign })]));
    await truncate(file, 512 * 1024 * 1024 + 1);
    expect(await readParameters(file)).toBeUndefined();
  });

  test("files with changed bytes give something or a sentence, never anything else", async () => {
    const random = seededRandom(5);
    const outcomes = new Set<string>();
    for (const format of ["png", "jpeg", "webp", "avif"] as const) {
      const whole = await encodeImage(twoColors(), format, describeGeneration(testRecord()));
      for (let round = 0; round < 60; round++) {
        const bytes = Buffer.from(whole);
        for (let change = 0; change < 5; change++) {
          bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        }
        const outcome = await readParameters(bytes).then(
          (found) => found?.source ?? "nothing",
          (error: { code?: string }) => error.code ?? "unnamed",
        );
        outcomes.add(outcome);
      }
    }
    expect(
      [...outcomes].every((o) => ["limner", "parameters", "nothing", "image-unreadable"].includes(o)),
    ).toBe(true);
  });
});

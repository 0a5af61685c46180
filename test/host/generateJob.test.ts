// Whole jobs on tiny models: what is written in the end.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JobHooks, runGenerateJob } from "../../src/host/generateJob.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { fitImage } from "../../src/images/fitting.ts";
import { blurredMask } from "../../src/images/gaussianBlur.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import type { ImageFormat } from "../../src/images/imageFormat.ts";
import { readImage } from "../../src/images/imageReading.ts";
import { fitMask, readMask } from "../../src/images/mask.ts";
import { readParameters } from "../../src/images/parametersReading.ts";
import { findModel } from "../../src/models/findModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import type { Runtime } from "../../src/openvino/runtime.ts";
import type { GenerateRequest } from "../../src/protocol/generateRequest.ts";
import type { GeneratedImage } from "../../src/protocol/generateResult.ts";

const pictures = "test/fixtures/pipelines/pictures";
const source = resolve(pictures, "source-128x96.png");
const mask = resolve(pictures, "mask-128x96.png");

let runtime: Runtime;
let tiny: OpenModel;
let box: OpenModel;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "limner-job-"));
  runtime = await openRuntime();
  const execution = { device: "CPU", precision: "f32" } as const;
  tiny = openModel(resolve("test/fixtures/tiny-sdxl"), runtime, execution);
  box = openModel(findModel(), runtime, execution);
});

afterAll(async () => {
  await tiny?.dispose();
  await box?.dispose();
  runtime?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a job into a folder of its own. */
async function run(
  name: string,
  request: GenerateRequest,
  { base = tiny, format = "png" as ImageFormat, hooks = {} as JobHooks } = {},
): Promise<GeneratedImage[]> {
  const out = join(folder, name);
  const target = { pathOf: () => join(out, `image.${format}`), format, roots: [out] };
  const images: GeneratedImage[] = [];
  for await (const image of runGenerateJob(request, { base }, target, "0.0.0", hooks)) images.push(image);
  return images;
}

describe("inpainting", () => {
  it.each(["png", "webp"] as const)("keeps the pixels that the mask leaves, as %s", async (format) => {
    const request = {
      prompt: "a fox",
      images: [source],
      mask,
      maskBlur: 3,
      size: { width: 96, height: 96 },
      steps: 3,
      seed: 1,
    };
    const [image] = await run(`inpaint-${format}`, request, { format: format === "webp" ? "png" : format });
    const written = await readImage(image?.file ?? "");
    const prepared = await fitImage(await readImage(source), request.size, "cover");
    const blurred = blurredMask(fitMask(await readMask(mask), request.size, "cover"), 3);
    let [kept, changed] = [0, 0];
    for (const [pixel, level] of blurred.data.entries()) {
      for (let i = pixel * 3; i < pixel * 3 + 3; i++) {
        if (level === 0) expect(written.data[i]).toBe(prepared.data[i]);
        else if (written.data[i] !== prepared.data[i]) changed++;
      }
      if (level === 0) kept++;
    }
    expect(kept).toBeGreaterThan(1000);
    expect(changed).toBeGreaterThan(1000);
  });
});

describe("the end of an image", () => {
  const prompt = "a large red circle on a blue background";

  it("is a figure without its background, at the size of the output", async () => {
    const request = { prompt, seed: 3, transparent: true, outputSize: { width: 96, height: 64 } } as const;
    const [image] = await run("transparent", { ...request, fit: "contain" }, { base: box });
    expect(image).toMatchObject({ width: 96, height: 64 });
    const { data, alpha } = await readImage(image?.file ?? "");
    expect(alpha).toBe(true);
    const alphaAt = (x: number, y: number) => data[(y * 96 + x) * 4 + 3];
    expect([alphaAt(0, 0), alphaAt(95, 0), alphaAt(18, 2), alphaAt(95, 63)]).toEqual([0, 0, 0, 0]);
    expect(alphaAt(48, 32)).toBe(255);
  });

  it("is kept as it was drawn where the background is not flat, and the job says so", async () => {
    const noise = join(folder, "noise.png");
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 256);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(noise, await encodeImage({ width: 64, height: 64, data }, "png"));
    const request = { prompt: "", seed: 1, steps: 4, count: 2, transparent: true, images: [noise] };
    await expect(run("uneven", { ...request, strength: 0.3 })).rejects.toMatchObject({
      code: "background-not-flat",
      message: expect.stringMatching(/image\.png was written as it was drawn\. The background is not flat/),
    });
    expect(readdirSync(join(folder, "uneven")).sort()).toEqual(["image-2.png", "image.png"]);
  });

  it("cannot be transparent in JPEG", async () => {
    await expect(run("jpeg", { prompt, transparent: true }, { format: "jpeg" })).rejects.toThrow(
      "JPEG has no transparency: write PNG, WebP or AVIF",
    );
  });
});

describe("a variation", () => {
  const request = { prompt: "a fox", size: { width: 64, height: 64 }, steps: 3, seed: 5 };

  it("differs from its picture as far as its strength says, and can be drawn again from what it carries", async () => {
    const bytes = async (name: string, more: object) => {
      const images = await run(name, { ...request, ...more });
      return Promise.all(images.map(async ({ file }) => (await readImage(file)).data));
    };
    const [plain] = await bytes("plain", {});
    const [none] = await bytes("none", { variationSeed: 9, variationStrength: 0 });
    expect(none).toEqual(plain);
    const far = await bytes("far", { variationSeed: 9, variationStrength: 0.4, count: 2 });
    const [first, second] = far;
    expect(first).not.toEqual(plain);
    expect(second).not.toEqual(first);
    const [other] = await bytes("other", { seed: 9 });
    const [all] = await bytes("all", { variationSeed: 9, variationStrength: 1 });
    expect(all).toEqual(other);

    const found = await readParameters(readFileSync(join(folder, "far", "image-2.png")));
    expect(found?.request).toMatchObject({ seed: 5, variationSeed: 10, variationStrength: 0.4 });
    const [again] = await bytes("again", { ...found?.request, model: undefined });
    expect(again).toEqual(second);
  });
});

describe("previews", () => {
  it("come with the steps, one pixel a latent, and end as the picture looks", async () => {
    const shown: { width: number; height: number; data: Uint8Array }[] = [];
    let asked = 0;
    const preview = {
      // Every other step.
      isDue: () => asked++ % 2 === 1,
      show: (image: (typeof shown)[number]) => shown.push(image),
    };
    const request = { prompt: "a large red circle on a blue background", seed: 3 };
    await run("previews", request, { base: box, hooks: { preview } });
    expect(asked).toBe(20);
    expect(shown.map(({ width, height }) => [width, height])).toEqual(Array(10).fill([16, 16]));
    const { data } = shown.at(-1) ?? { data: new Uint8Array() };
    const at = (x: number, y: number) => [...data.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
    const [inside, outside] = [at(8, 8), at(1, 8)] as [number[], number[]];
    expect(inside[0]).toBeGreaterThan(inside[2] ?? 255);
    expect(outside[2]).toBeGreaterThan(outside[0] ?? 255);
  });
});

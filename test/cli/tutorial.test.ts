// The three examples of OpenVINO's SDXL tutorial by the command line, on the models in the box (bench/tutorial.ts has
// them at full size).
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readImage } from "../../src/images/imageReading.ts";
import { withoutAlpha } from "../../src/images/rgbImage.ts";
import { temporaryFolder } from "../checkpoints/safetensorsWriter.ts";
import { runLimner } from "../support/limner.ts";

const firstPrompt = "cute cat 4k, high-res, masterpiece, best quality, soft lighting, dynamic angle";
const secondPrompt =
  "professional photo of a cat, extremely detailed, hyper realistic, best quality, full hd";

const folder = temporaryFolder();
const pathOf = (name: string) => join(folder, `${name}.png`);

afterAll(() => rmSync(folder, { recursive: true }));

/** Draws a picture of 128x128 and gives its bytes. */
async function draw(name: string, args: readonly string[], seed: number): Promise<Uint8Array> {
  const common = ["--size", "128x128", "--seed", String(seed), "--out", pathOf(name), "--json"];
  const { code, stdout, stderr } = await runLimner(["generate", ...args, ...common]);
  expect(stderr).not.toContain("Error");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ file: pathOf(name), seed, width: 128, height: 128 });
  const { width, height, data } = withoutAlpha(await readImage(pathOf(name)));
  expect([width, height]).toEqual([128, 128]);
  return data;
}

/** Standard deviation of all values: 0 where a picture is flat. */
function spread(values: ArrayLike<number>): number {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
}

describe("the tutorial's examples", () => {
  it("are drawn from text, from that picture, and by base and refiner", async () => {
    const first = await draw("first", [firstPrompt, "--steps", "15"], 314);
    expect(spread(first)).toBeGreaterThan(5);

    const image = ["--image", pathOf("first"), "--strength", "0.3", "--steps", "25"];
    const second = await draw("second", [secondPrompt, ...image], 356);
    expect(spread(second)).toBeGreaterThan(5);
    // Three tenths of the schedule change a picture and keep what it shows.
    expect(meanDifference(second, first)).toBeGreaterThan(0.1);
    expect(meanDifference(second, first)).toBeLessThan(spread(first));

    const refine = ["--refiner", "limner-tiny-refiner", "--refine-strength", "0.3", "--steps", "15"];
    const refined = await draw("refined", [firstPrompt, ...refine], 314);
    expect(spread(refined)).toBeGreaterThan(5);
    expect(meanDifference(refined, first)).toBeGreaterThan(0.1);
  }, 300_000);
});

// The three examples of OpenVINO's SDXL tutorial by `limner generate`: text to image, image to image, base + refiner.
//   node bench/run.mjs bench/tutorial.ts --out FOLDER [--base NAME|DIR] [--refiner NAME|DIR] [--size WxH] [--two-steps] [--only NAME]
// By default with the models in the box at 128x128. `--two-steps` shortens each stage to two steps, for full-size models
// on slow machines; what follows `--` is given to every run. Checks every picture, prints time and peak resident memory.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { measureProcess } from "./measuredProcess.ts";

const firstPrompt = "cute cat 4k, high-res, masterpiece, best quality, soft lighting, dynamic angle";
const secondPrompt =
  "professional photo of a cat, extremely detailed, hyper realistic, best quality, full hd";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    base: { type: "string", default: "limner-tiny" },
    refiner: { type: "string", default: "limner-tiny-refiner" },
    size: { type: "string", default: "128x128" },
    "two-steps": { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const { out, base, refiner, size } = values;
if (!out)
  throw new Error("Usage: tutorial.ts --out FOLDER [--base …] [--refiner …] [--size WxH] [--two-steps]");
mkdirSync(out, { recursive: true });
const isShort = values["two-steps"];
const first = join(out, "text-to-image.png");

/**
 * Name and options of each run. Shortened, 0.3 of 7 steps are two; base and refiner take the same number of steps, of
 * which the refiner does two with a strength of 1.
 */
const examples: [name: string, prompt: string, options: Record<string, string>][] = [
  ["text-to-image", firstPrompt, { steps: isShort ? "2" : "15", seed: "314" }],
  [
    "image-to-image",
    secondPrompt,
    { image: first, strength: "0.3", steps: isShort ? "7" : "25", seed: "356" },
  ],
  [
    "refined",
    firstPrompt,
    { refiner, "refine-strength": isShort ? "1" : "0.3", steps: isShort ? "2" : "15", seed: "314" },
  ],
];

/** Size and spread of a picture. @throws where it is flat, or not as large as asked for */
async function describe(file: string): Promise<string> {
  const { width, height } = await sharp(file).metadata();
  if (`${width}x${height}` !== size) throw new Error(`${file} is ${width}x${height} instead of ${size}`);
  const { channels } = await sharp(file).stats();
  const spread = Math.max(...channels.map(({ stdev }) => stdev));
  if (!(spread > 1)) throw new Error(`${file} is flat: its colors deviate by ${spread} levels`);
  return `${width}x${height}, colors deviate by ${spread.toFixed(0)} levels`;
}

for (const [name, prompt, own] of examples) {
  if (values.only && values.only !== name) continue;
  const file = join(out, `${name}.png`);
  const options = Object.entries({ ...own, model: base, size, out: file }).flatMap(([key, value]) => [
    `--${key}`,
    value,
  ]);
  const args = ["bin/limner.mjs", "generate", prompt, ...options, "--json", ...positionals];
  const { seconds, peakGiB, stdout } = await measureProcess(process.execPath, args);
  const written: { file: string; timings: Record<string, number> } = JSON.parse(stdout);
  const timings = Object.entries(written.timings).map(([stage, time]) => `${stage} ${time.toFixed(1)}`);
  console.log(
    `${name}: ${seconds.toFixed(1)} s, peak ${peakGiB.toFixed(2)} GiB, ${await describe(written.file)}`,
  );
  console.log(`  ${timings.join(", ")}`);
}

// Fits the colors of previews to the box model's latents and writes them into its limner.json:
// node bench/run.mjs bench/fitPreviews.ts [MODEL] [COUNT]. Prints how far previews are from the decoded pictures.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../src/host/openModel.ts";
import { resolveRequest } from "../src/host/resolveRequest.ts";
import { fitLatentRgb, type LatentRgb, latentPreview } from "../src/images/latentPreview.ts";
import { findModel } from "../src/models/findModel.ts";
import { openRuntime } from "../src/openvino/find.ts";
import { type DrawnImage, drawImages } from "../src/pipelines/drawing.ts";
import { packageRoot } from "../src/platform/packageRoot.ts";
import { drawCaptions, readGrammar } from "./accuracy/grammar.ts";
import { seededRandom } from "./accuracy/seededRandom.ts";

const folder = findModel(process.argv[2]);
const count = Number(process.argv[3] ?? 100);

/** Mean distance of a preview's levels from those of the picture, whose pixels are averaged over each latent. */
function meanError({ latents, image }: DrawnImage, map: LatentRgb): number {
  const preview = latentPreview(latents, map);
  const [across, down] = [image.width / preview.width, image.height / preview.height];
  let sum = 0;
  for (const [i, level] of preview.data.entries()) {
    const [color, pixel] = [i % 3, Math.floor(i / 3)];
    const [left, top] = [(pixel % preview.width) * across, Math.floor(pixel / preview.width) * down];
    let mean = 0;
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        mean += (image.data[((top + y) * image.width + left + x) * 3 + color] as number) / (across * down);
      }
    }
    sum += Math.abs(level - mean);
  }
  return sum / preview.data.length;
}

function rounded({ weights, bias }: LatentRgb): LatentRgb {
  const round = (value: number) => Math.round(value * 100) / 100;
  return { weights: weights.map((row) => row.map(round)), bias: bias.map(round) };
}

const runtime = await openRuntime();
const model = openModel(folder, runtime, { device: "CPU", precision: "f32" });
try {
  const grammar = readGrammar(join(packageRoot(), "models", "training", "grammar.json"));
  const drawn: DrawnImage[] = [];
  for (const [seed, { text }] of drawCaptions(grammar, count, seededRandom(5)).entries()) {
    const parameters = resolveRequest({ prompt: text, seed }, model.folder);
    for await (const one of drawImages({ base: model.pipeline }, parameters)) drawn.push(one);
  }
  // Fitted on the first half, judged on the second.
  const map = rounded(fitLatentRgb(drawn.slice(0, count / 2)));
  const rest = drawn.slice(count / 2);
  const error = rest.reduce((sum, one) => sum + meanError(one, map), 0) / rest.length;
  const file = join(folder, "limner.json");
  const settings: object = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, `${JSON.stringify({ ...settings, latentRgb: map }, null, 2)}\n`);
  console.log(
    `${file}: fitted to ${count / 2} pictures; mean error on ${rest.length} others ${error.toFixed(1)} of 255`,
  );
} finally {
  await model.dispose();
  runtime.dispose();
}

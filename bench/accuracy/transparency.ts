// Cuts the figures out of pictures of the box model and checks that the corners are clear and the figures whole; says
// too where ground is left and where the picture has no even figure to compare with:
// node bench/run.mjs bench/accuracy/transparency.ts [COUNT] [SHEET.png]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { withoutFlatBackground } from "../../src/images/flatBackground.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import type { RgbaImage, RgbImage } from "../../src/images/rgbImage.ts";
import { findModel } from "../../src/models/findModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { packageRoot } from "../../src/platform/packageRoot.ts";
import { messageOf } from "../../src/protocol/limnerError.ts";
import { contactSheet } from "./contactSheet.ts";
import { checkCutOut } from "./cutOutCheck.ts";
import { drawCaptions, readGrammar } from "./grammar.ts";
import { seededRandom } from "./seededRandom.ts";

const count = Number(process.argv[2] ?? 100);
const sheet = process.argv[3];

/** A cut-out on gray squares, as painting programs show it. */
function onSquares({ width, height, data }: RgbaImage): RgbImage {
  const shown = new Uint8Array(width * height * 3);
  for (let i = 0; i < shown.length; i++) {
    const [pixel, color] = [Math.floor(i / 3), i % 3];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const square = ((x >> 3) + (y >> 3)) % 2 === 0 ? 150 : 105;
    const alpha = (data[pixel * 4 + 3] as number) / 255;
    shown[i] = Math.round(alpha * (data[pixel * 4 + color] as number) + (1 - alpha) * square);
  }
  return { width, height, data: shown };
}

const runtime = await openRuntime();
const model = openModel(findModel(), runtime, { device: "CPU", precision: "auto" });
const faults = new Map<string, number>();
const entries: { image: RgbImage; right: boolean }[] = [];
try {
  const grammar = readGrammar(join(packageRoot(), "models", "training", "grammar.json"));
  for (const [seed, { text }] of drawCaptions(grammar, count, seededRandom(3)).entries()) {
    const parameters = resolveRequest({ prompt: text, seed }, model.folder);
    for await (const { image } of drawImages({ base: model.pipeline }, parameters)) {
      let fault: string | undefined;
      try {
        const cut = withoutFlatBackground(image);
        fault = checkCutOut(image, cut);
        entries.push({ image: onSquares(cut), right: fault === undefined });
      } catch (error) {
        fault = messageOf(error);
        entries.push({ image, right: false });
      }
      if (!fault) continue;
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      console.log(`seed ${seed}, "${text}": ${fault}`);
    }
  }
} finally {
  await model.dispose();
  runtime.dispose();
}
const times = (fault: string) => faults.get(fault) ?? 0;
const [unknown, left] = [times("no figure"), times("ground is left")];
const wrong = [...faults.values()].reduce((sum, found) => sum + found, 0) - unknown - left;
console.log(
  `${count - wrong} of ${count} have clear corners and a whole figure (${unknown} without an even figure to compare ` +
    `with), ${left} with ground left beside it`,
);
if (sheet) writeFileSync(sheet, await encodeImage(contactSheet(entries, 10), "png"));
process.exitCode = wrong === 0 ? 0 : 1;

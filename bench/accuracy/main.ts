// Measures how often the box model draws what its captions say: `npm run models:accuracy`.
import { basename, dirname, join, resolve } from "node:path";
import { writeAsset } from "../../src/assets/writeAsset.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { requireImageFormat } from "../../src/images/imageFormat.ts";
import { findModel } from "../../src/models/findModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { userDirectories } from "../../src/platform/directories.ts";
import { packageRoot } from "../../src/platform/packageRoot.ts";
import { LimnerError, messageOf } from "../../src/protocol/limnerError.ts";
import { contactSheet } from "./contactSheet.ts";
import { drawCaptions, readGrammar } from "./grammar.ts";
import { imageCheck } from "./imageCheck.ts";
import { type Draw, type Judged, measure } from "./measure.ts";
import { type AccuracyOptions, accuracyHelp, parseAccuracyOptions } from "./options.ts";
import { accuracyOf, reportOf } from "./report.ts";
import { seededRandom } from "./seededRandom.ts";

/** Draws as a request for one image does. */
function drawWith(model: OpenModel, { steps, guidance, scheduler }: AccuracyOptions): Draw {
  return async (prompt, seed) => {
    const parameters = resolveRequest(
      { prompt, seed, steps, guidanceScale: guidance, scheduler },
      model.folder,
    );
    for await (const { image } of drawImages({ base: model.pipeline }, parameters)) return image;
    throw new LimnerError("runtime-failed", `Nothing was drawn for "${prompt}".`);
  };
}

async function writeSheet(file: string, judged: readonly Judged[]): Promise<void> {
  const path = resolve(file);
  const entries = judged.map(({ image, verdict }) => ({ image, right: verdict.all }));
  const bytes = await encodeImage(
    contactSheet(entries, Math.min(20, entries.length)),
    requireImageFormat(path),
  );
  const written = await writeAsset({ path, bytes, roots: [dirname(path)] });
  process.stderr.write(`Sheet, row by row in the order of the captions: ${written}\n`);
}

async function run(options: AccuracyOptions): Promise<number> {
  if (options.sheet) requireImageFormat(options.sheet);
  const grammar = readGrammar(join(packageRoot(), "models", "training", "grammar.json"));
  const captions = drawCaptions(grammar, options.count, seededRandom(options.seed));
  const folder = findModel(options.model);
  const runtime = await openRuntime();
  const execution = {
    device: "CPU",
    precision: "auto",
    cacheDirectory: join(userDirectories().cache, "compiled"),
  } as const;
  const judged: Judged[] = [];
  let model: OpenModel | undefined;
  const began = performance.now();
  try {
    model = openModel(folder, runtime, execution);
    for await (const one of measure(captions, options.seed, drawWith(model, options), imageCheck(grammar))) {
      judged.push(one);
      process.stderr.write(
        `\r${judged.length} of ${captions.length}, ${(100 * accuracyOf(judged)).toFixed(1)} % right `,
      );
    }
  } finally {
    await model?.dispose();
    runtime.dispose();
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stderr.write(`in ${seconds} s\n`);
  process.stdout.write(
    `${basename(folder)}: ${captions.length} captions, seed ${options.seed}\n\n${reportOf(judged)}\n`,
  );
  if (options.sheet) await writeSheet(options.sheet, judged);
  return accuracyOf(judged) >= options.minimum ? 0 : 1;
}

try {
  const options = parseAccuracyOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(accuracyHelp);
  else process.exitCode = await run(options);
} catch (error) {
  process.stderr.write(`models:accuracy: ${messageOf(error)}\n`);
  process.exitCode = error instanceof LimnerError && error.code === "usage" ? 2 : 1;
}

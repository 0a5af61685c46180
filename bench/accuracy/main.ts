// Measures how often the box model draws what its captions say: `npm run models:accuracy`.
import { dirname, join, parse, resolve } from "node:path";
import { writeAsset } from "../../src/assets/writeAsset.ts";
import type { JobModels } from "../../src/host/generateJob.ts";
import { type OpenModel, openModel } from "../../src/host/openModel.ts";
import { resolveRequest } from "../../src/host/resolveRequest.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { requireImageFormat } from "../../src/images/imageFormat.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";
import { findModel } from "../../src/models/findModel.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import { drawImages } from "../../src/pipelines/drawing.ts";
import { userDirectories } from "../../src/platform/directories.ts";
import { packageRoot } from "../../src/platform/packageRoot.ts";
import type { GenerateRequest } from "../../src/protocol/generateRequest.ts";
import { LimnerError, messageOf } from "../../src/protocol/limnerError.ts";
import { comparisonOf, isBetter, type Way } from "./comparison.ts";
import { contactSheet } from "./contactSheet.ts";
import { drawCaptions, type Grammar, readGrammar, type TestCaption } from "./grammar.ts";
import { imageCheck, type Seen } from "./imageCheck.ts";
import { type Draw, type Judged, measure } from "./measure.ts";
import { type AccuracyOptions, accuracyHelp, parseAccuracyOptions } from "./options.ts";
import { accuracyOf, reportOf } from "./report.ts";
import { seededRandom } from "./seededRandom.ts";
import { trainingPicture } from "./trainingPicture.ts";

/** One way of drawing: what a request for it says beside the prompt. */
interface Drawing {
  label: string;
  refine?: Pick<GenerateRequest, "handoff" | "refineStrength">;
}

function drawingsOf(
  { refiner, handoff, refineStrength }: AccuracyOptions,
  name: string,
): [Drawing, ...Drawing[]] {
  const alone = { label: `${name} alone` };
  if (refiner === undefined) return [alone];
  return [
    alone,
    { label: `handed over at ${handoff}`, refine: { handoff } },
    { label: `refined with strength ${refineStrength}`, refine: { refineStrength } },
  ];
}

/** Draws as a request for one image does. */
function drawWith(
  models: JobModels,
  { refiner, steps, guidance, scheduler }: AccuracyOptions,
  way: Drawing,
): Draw {
  const base = models.base;
  const sources = { base: base.pipeline, refiner: models.refiner?.pipeline };
  return async (prompt, seed) => {
    const request = { prompt, seed, steps, guidanceScale: guidance, scheduler };
    const parameters = resolveRequest(
      way.refine ? { ...request, refiner, ...way.refine } : request,
      base.folder,
      undefined,
      models.refiner?.folder,
    );
    for await (const { image } of drawImages(sources, parameters)) return image;
    throw new LimnerError("runtime-failed", `Nothing was drawn for "${prompt}".`);
  };
}

/** The sheet's file of one way: the first has the name given, the others add theirs. */
function sheetFile(file: string, { refine }: Drawing): string {
  if (!refine) return file;
  const { dir, name, ext } = parse(file);
  return join(dir, `${name}-${refine.handoff === undefined ? "refined" : "handed-over"}${ext}`);
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

async function judgeAll(
  captions: readonly TestCaption[],
  models: JobModels,
  options: AccuracyOptions,
  way: Drawing,
  check: (image: RgbImage) => Seen,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  const began = performance.now();
  for await (const one of measure(captions, options.seed, drawWith(models, options, way), check)) {
    judged.push(one);
    process.stderr.write(
      `\r${way.label}: ${judged.length} of ${captions.length}, ${(100 * accuracyOf(judged)).toFixed(1)} % right `,
    );
  }
  process.stderr.write(`in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  return judged;
}

/** Draws and judges in every way, and prints what came out. */
async function compare(models: JobModels, grammar: Grammar, options: AccuracyOptions): Promise<number> {
  const captions = drawCaptions(grammar, options.count, seededRandom(options.seed));
  const check = imageCheck(grammar);
  const name = models.base.folder.name;
  const [alone, ...refined] = drawingsOf(options, name);
  const judgeWay = async (way: Drawing) => {
    const judged = await judgeAll(captions, models, options, way, check);
    process.stdout.write(
      `${way.label}: ${captions.length} captions, seed ${options.seed}\n\n${reportOf(judged)}\n\n`,
    );
    if (options.sheet) await writeSheet(sheetFile(options.sheet, way), judged);
    return { label: way.label, judged };
  };
  const first = await judgeWay(alone);
  const others: Way[] = [];
  for (const way of refined) others.push(await judgeWay(way));
  const random = seededRandom(options.seed);
  const training = captions.map(({ scene }) => check(trainingPicture(grammar, scene, random)));
  process.stdout.write(`${comparisonOf([first, ...others], training)}\n`);
  const isGood = accuracyOf(first.judged) >= options.minimum && isBetter(first, others, training);
  return isGood ? 0 : 1;
}

async function run(options: AccuracyOptions): Promise<number> {
  if (options.sheet) requireImageFormat(options.sheet);
  const grammar = readGrammar(join(packageRoot(), "models", "training", "grammar.json"));
  const folders = [options.model, ...(options.refiner ? [options.refiner] : [])].map((name) =>
    findModel(name),
  );
  const runtime = await openRuntime();
  const execution = {
    device: "CPU",
    precision: "auto",
    cacheDirectory: join(userDirectories().cache, "compiled"),
  } as const;
  const opened: OpenModel[] = [];
  try {
    for (const folder of folders) opened.push(openModel(folder, runtime, execution));
    const [base, refiner] = opened;
    if (!base) throw new Error("no model was opened");
    return await compare({ base, refiner }, grammar, options);
  } finally {
    for (const model of opened) await model.dispose();
    runtime.dispose();
  }
}

try {
  const options = parseAccuracyOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(accuracyHelp);
  else process.exitCode = await run(options);
} catch (error) {
  process.stderr.write(`models:accuracy: ${messageOf(error)}\n`);
  process.exitCode = error instanceof LimnerError && error.code === "usage" ? 2 : 1;
}

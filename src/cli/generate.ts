import { dirname, join, resolve } from "node:path";
import { writeAsset } from "../assets/writeAsset.ts";
import { runGenerateJob } from "../host/generateJob.ts";
import { npyBytes } from "../host/latentsFile.ts";
import { type OpenModel, openModel } from "../host/openModel.ts";
import { findModel } from "../models/findModel.ts";
import { notFound, openRuntime } from "../openvino/find.ts";
import type { Runtime } from "../openvino/runtime.ts";
import { setupRuntime } from "../openvino/setup.ts";
import type { TensorOf } from "../openvino/tensor.ts";
import { userDirectories } from "../platform/directories.ts";
import { limnerVersion } from "../platform/version.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import { type GenerateCommand, generateHelp, parseGenerateCommand } from "./generateOptions.ts";
import { outputTarget } from "./outputTarget.ts";
import { ProgressLine } from "./progressLine.ts";

/** Aborts on Ctrl+C; a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}

async function runtimeFor(
  command: GenerateCommand,
  progress: ProgressLine,
  signal: AbortSignal,
): Promise<Runtime> {
  if (!command.setup) return openRuntime();
  const { runtime, attempts } = await setupRuntime({
    signal,
    onProgress: (sentence) => progress.note(sentence),
  });
  if (!runtime) throw notFound(attempts);
  return runtime;
}

function print(image: GeneratedImage, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(image)}\n` : `${image.file}\n`);
}

/**
 * `limner generate`: draws in this process.
 * @returns the exit code
 * @throws LimnerError
 */
export async function runGenerate(args: readonly string[]): Promise<number> {
  const command = parseGenerateCommand(args);
  if (command === "help") {
    process.stdout.write(generateHelp());
    return 0;
  }
  const { request, json, latentsOut } = command;
  const signal = interruption();
  const progress = new ProgressLine(process.stderr);
  // Before OpenVINO is set up or loaded: a name that is wrong costs nothing.
  for (const name of [request.model, request.refiner]) if (name !== undefined) findModel(name);
  const target = outputTarget(command.out, request.prompt, request.model ?? "limner-tiny");
  const runtime = await runtimeFor(command, progress, signal);
  const execution = {
    device: request.device ?? "CPU",
    precision: request.precision ?? "auto",
    cacheDirectory: join(userDirectories().cache, "compiled"),
  };
  const open = (name: string | undefined) =>
    openModel(findModel(name), runtime, execution, (submodel) =>
      progress.show({ image: 0, images: 1, stage: "load", step: 0, steps: 0, detail: `Loading ${submodel}` }),
    );
  const opened: OpenModel[] = [];
  try {
    const base = open(request.model);
    opened.push(base);
    const refiner = request.refiner === undefined ? undefined : open(request.refiner);
    if (refiner) opened.push(refiner);
    const latents: TensorOf<"f32">[] = [];
    const job = runGenerateJob(request, { base, refiner }, target, limnerVersion(), {
      signal,
      onProgress: (report) => progress.show(report),
      onWarning: (sentence) => progress.note(sentence),
      onDrawn: (drawn) => latents.push(drawn.latents),
    });
    for await (const image of job) {
      progress.end();
      print(image, json);
    }
    if (latentsOut) {
      const path = resolve(latentsOut);
      await writeAsset({ path, bytes: npyBytes(latents), roots: [dirname(path)] });
    }
    return 0;
  } finally {
    progress.end();
    for (const model of opened) await model.dispose();
    runtime.dispose();
  }
}

import { dirname, resolve } from "node:path";
import { Engine } from "../host/engine.ts";
import { jobTarget } from "../host/jobTarget.ts";
import { findModel } from "../models/findModel.ts";
import { notFound } from "../openvino/find.ts";
import { compiledModelsFolder, stepTimesFile } from "../platform/directories.ts";
import { limnerVersion } from "../platform/version.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import { type GenerateCommand, generateHelp, parseGenerateCommand } from "./generateOptions.ts";
import { generateOnHost } from "./hostGeneration.ts";
import { interruption } from "./interruption.ts";
import { outputTarget, rootOf } from "./outputTarget.ts";
import { ProgressLine } from "./progressLine.ts";

function print(image: GeneratedImage, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(image)}\n` : `${image.file}\n`);
}

/** The images of a command, drawn in this process. */
async function* generateHere(
  { request, setup, out, latentsOut }: GenerateCommand,
  progress: ProgressLine,
  signal: AbortSignal,
): AsyncGenerator<GeneratedImage, void, undefined> {
  const asked = outputTarget(out);
  const latents = latentsOut === undefined ? undefined : resolve(latentsOut);
  const roots = latents === undefined ? [rootOf(asked)] : [rootOf(asked), dirname(latents)];
  const target = jobTarget(asked, request, roots);
  const engine = new Engine({
    version: limnerVersion(),
    compiledFolder: compiledModelsFolder(),
    stepTimesFile: stepTimesFile(),
  });
  try {
    if (setup) {
      const onProgress = (sentence: string) => progress.note(sentence);
      const { runtime, attempts } = await engine.setup({ signal, onProgress });
      if (!runtime) throw notFound(attempts);
    }
    yield* engine.draw({
      request,
      target,
      latentsOut: latents,
      hooks: {
        signal,
        onProgress: (report) => progress.show(report),
        onWarning: (sentence) => progress.note(sentence),
      },
    });
  } finally {
    await engine.dispose();
  }
}

/**
 * `limner generate`: draws in this process, or with `--host` in the background one.
 * @returns the exit code
 * @throws LimnerError
 */
export async function runGenerate(args: readonly string[]): Promise<number> {
  const command = parseGenerateCommand(args);
  if (command === "help") {
    process.stdout.write(generateHelp());
    return 0;
  }
  // Before a host is started or OpenVINO set up: a name that is wrong costs nothing.
  for (const name of [command.request.model, command.request.refiner]) if (name) findModel(name);
  const signal = interruption();
  const progress = new ProgressLine(process.stderr);
  const show = (image: GeneratedImage) => {
    progress.end();
    print(image, command.json);
  };
  try {
    if (command.host) await generateOnHost(command, progress, show, signal);
    else for await (const image of generateHere(command, progress, signal)) show(image);
    return 0;
  } finally {
    progress.end();
  }
}

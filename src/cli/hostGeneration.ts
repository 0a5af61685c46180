import { randomUUID } from "node:crypto";
import { dirname, resolve } from "node:path";
import { HostClient } from "../client/hostClient.ts";
import { packageRoot } from "../platform/packageRoot.ts";
import { limnerVersion } from "../platform/version.ts";
import { generateImages } from "../protocol/generateImages.ts";
import type { GeneratedImage } from "../protocol/generateResult.ts";
import { jobImage } from "../protocol/jobImage.ts";
import { jobProgress } from "../protocol/jobProgress.ts";
import { jobWarning } from "../protocol/jobWarning.ts";
import { LimnerError } from "../protocol/limnerError.ts";
import { runtimeSetup } from "../protocol/runtimeSetup.ts";
import { workProgress } from "../protocol/workProgress.ts";
import type { GenerateCommand } from "./generateOptions.ts";
import { outputTarget, rootOf } from "./outputTarget.ts";
import type { ProgressLine } from "./progressLine.ts";

/** A model's folder as the host can find it, which has a working folder of its own; a name stays a name. */
function absoluteModel(nameOrFolder: string | undefined): string | undefined {
  return nameOrFolder !== undefined && /[\\/]/.test(nameOrFolder) ? resolve(nameOrFolder) : nameOrFolder;
}

/** Sets OpenVINO up, as the user has allowed. */
async function setUp(client: HostClient, progress: ProgressLine, signal: AbortSignal): Promise<void> {
  const work = randomUUID();
  const stop = client.on(workProgress, (report) => {
    if (report.work === work) progress.note(report.sentence);
  });
  const { runtime } = await client.request(runtimeSetup, { work }, signal).finally(stop);
  if (!runtime) {
    throw new LimnerError("runtime-not-found", 'OpenVINO could not be set up: see "limner doctor --setup".');
  }
}

/**
 * Has the host draw the images of a command, starting it where none runs. It goes on for a while when this process has
 * ended, with the model in memory.
 * @param onImage called with each image when it is written
 * @throws LimnerError
 */
export async function generateOnHost(
  { request, out, latentsOut, setup }: GenerateCommand,
  progress: ProgressLine,
  onImage: (image: GeneratedImage) => void,
  signal: AbortSignal,
): Promise<void> {
  const target = outputTarget(out);
  const latents = latentsOut === undefined ? undefined : resolve(latentsOut);
  const client = new HostClient({
    packageFolder: packageRoot(),
    version: limnerVersion(),
    name: "limner generate",
    roots: latents === undefined ? [rootOf(target)] : [rootOf(target), dirname(latents)],
    logLevel: "error",
  });
  client.on(jobProgress, (report) => progress.show(report.progress));
  client.on(jobWarning, ({ sentence }) => progress.note(sentence));
  client.on(jobImage, ({ image }) => onImage(image));
  try {
    if (setup) await setUp(client, progress, signal);
    const { model, refiner } = request;
    await client.request(
      generateImages,
      {
        job: randomUUID(),
        request: { ...request, model: absoluteModel(model), refiner: absoluteModel(refiner) },
        target,
        latentsOut: latents,
        preview: false,
      },
      signal,
    );
  } finally {
    client.dispose();
  }
}

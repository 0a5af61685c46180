// Times the host with the model in the box: node bench/run.mjs bench/host/main.ts [RUNS]. What it prints, it measured in
// this one run: the start to `initialize` answered, a warm `images/generate` to its first progress, and what the host
// does beside inference in a job.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { HostClient } from "../../src/client/hostClient.ts";
import { limnerVersion } from "../../src/platform/version.ts";
import { generateImages } from "../../src/protocol/generateImages.ts";
import type { GeneratedImage } from "../../src/protocol/generateResult.ts";
import { jobProgress } from "../../src/protocol/jobProgress.ts";

const runs = Number(process.argv[2] ?? 20);
const steps = 20;
const pictures = mkdtempSync(join(tmpdir(), "limner-bench-"));

function newClient(): HostClient {
  return new HostClient({
    packageFolder: process.cwd(),
    version: limnerVersion(),
    name: "bench",
    roots: [pictures],
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Milliseconds from nothing to the answer to `initialize`, with an end in between. */
async function timeStart(): Promise<number> {
  const client = newClient();
  const began = performance.now();
  await client.start();
  const took = performance.now() - began;
  await client.stop(true);
  client.dispose();
  return took;
}

/** Milliseconds of a Node that does nothing: how fast this machine is just now. */
function timeNode(): number {
  const began = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  return performance.now() - began;
}

interface TimedJob {
  /** Milliseconds to the first progress message. */
  first: number;
  /** Milliseconds until the answer. */
  whole: number;
  image: GeneratedImage | undefined;
}

async function timeJob(client: HostClient, number: number): Promise<TimedJob> {
  let first: number | undefined;
  const began = performance.now();
  const stop = client.on(jobProgress, () => {
    first ??= performance.now() - began;
  });
  const { images } = await client.request(generateImages, {
    job: `bench-${number}`,
    request: { prompt: "a red circle on a blue background", steps, seed: number, count: 1 },
    target: { kind: "pattern", folder: pictures, pattern: "${seed}.png" },
  });
  stop();
  return { first: first ?? 0, whole: performance.now() - began, image: images[0] };
}

try {
  const starts: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run++) {
    starts.push(await timeStart());
    bare.push(timeNode());
  }
  const client = newClient();
  await timeJob(client, 0);
  const jobs: TimedJob[] = [];
  for (let run = 1; run <= runs; run++) jobs.push(await timeJob(client, run));
  await client.stop(true);
  // What a job takes that is neither in a submodel nor in decoding and encoding the picture.
  const own = jobs.map(({ whole, image }) => {
    const { encode = 0, denoise = 0, decode = 0, load = 0 } = image?.timings ?? {};
    return whole - 1000 * (encode + denoise + decode + load);
  });
  const step = median(jobs.map(({ image }) => (1000 * (image?.timings.denoise ?? 0)) / steps));
  console.log(`${runs} runs each on ${cpus().length} cores, Node ${process.versions.node}`);
  console.log(
    `start to initialize answered: median ${median(starts).toFixed(0)} ms (node -e 0: ${median(bare).toFixed(0)} ms)`,
  );
  console.log(
    `images/generate to first progress, warm: median ${median(jobs.map(({ first }) => first)).toFixed(1)} ms`,
  );
  console.log(
    `the host's own time in a ${steps}-step job (request, queue, progress, writing): median ${median(own).toFixed(0)} ms; ` +
      `a step of the model in the box takes ${step.toFixed(0)} ms`,
  );
  for (const seconds of [1, 5, 15]) {
    const share = (100 * median(own)) / (1000 * seconds * steps);
    console.log(`  at ${seconds} s a step that is ${share.toFixed(2)} % of the job`);
  }
} finally {
  rmSync(pictures, { recursive: true, force: true });
}

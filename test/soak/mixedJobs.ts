import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HostClient } from "../../src/client/hostClient.ts";
import { generateImages } from "../../src/protocol/generateImages.ts";
import { hostStatistics } from "../../src/protocol/hostStatistics.ts";
import { LimnerError } from "../../src/protocol/limnerError.ts";
import type { ParamsOf } from "../../src/protocol/messageType.ts";
import { seededRandom } from "../images/seededRandom.ts";
import type { HostPlace } from "../support/hostClients.ts";

/** How a job of the mix has to end. */
type Expected = { kind: "files"; count: number } | { kind: "error"; code: string };

interface MixedJob {
  client: number;
  expected: Expected;
  order: ParamsOf<typeof generateImages>;
}

/** How the jobs ended. */
export interface MixOutcome {
  /** What did not end as it had to. */
  wrong: string[];
  /** By how many turns one client was ahead of the other at most, while both had jobs waiting. */
  lead: number;
  /** Resident memory of the host after the first 30 jobs and at the end, in bytes. */
  early: number;
  late: number;
  files: string[];
}

const warmJobs = 30;

function jobOf(number: number, random: () => number, { pictures }: HostPlace): MixedJob {
  const client = number % 2;
  const dice = Math.floor(random() * 10);
  const format = ["png", "webp", "jpg"][Math.floor(random() * 3)];
  const count = dice === 0 ? 2 : 1;
  const order = {
    job: `mixed-${number}`,
    request: {
      prompt:
        ["a red circle on a blue background", "a green star on a white background", ""][number % 3] ?? "",
      size: { width: 64, height: dice < 5 ? 64 : 128 },
      steps: 1 + Math.floor(random() * 2),
      seed: number,
      count,
      guidanceScale: dice === 2 ? 1 : 4,
    },
    target: { kind: "pattern" as const, folder: pictures, pattern: `${client}/\${slug}-\${seed}.${format}` },
    preview: dice !== 3,
  };
  const failing = (code: string, change: object): MixedJob => ({
    client,
    expected: { kind: "error", code },
    order: { ...order, ...change } as MixedJob["order"],
  });
  switch (dice) {
    case 7:
      return failing("model-not-found", { request: { ...order.request, model: "no-such-model" } });
    case 8: {
      const outside = { kind: "file", file: join(pictures, "..", "outside.png") };
      return failing("write-failed", { target: outside });
    }
    case 9:
      return failing("invalid-request", { request: { ...order.request, size: { width: 65, height: 64 } } });
    case 6: {
      // Everybody wants this name.
      const file = { kind: "file" as const, file: join(pictures, "same.png") };
      return { client, expected: { kind: "files", count }, order: { ...order, target: file } };
    }
    default:
      return { client, expected: { kind: "files", count }, order };
  }
}

/** What is wrong with how a job ended. */
async function run(
  client: HostClient,
  { order, expected }: MixedJob,
  files: string[],
): Promise<string | undefined> {
  try {
    const { images } = await client.request(generateImages, order);
    files.push(...images.map(({ file }) => file));
    if (expected.kind === "error") return `${order.job} was done instead of ${expected.code}`;
    if (images.length !== expected.count) return `${order.job} has ${images.length} images`;
    return images.every(({ file }) => existsSync(file)) ? undefined : `${order.job} lacks a file`;
  } catch (error) {
    const code = error instanceof LimnerError ? error.code : String(error);
    return expected.kind === "error" && code === expected.code
      ? undefined
      : `${order.job} ended with ${code}: ${error}`;
  }
}

/** Runs `count` seeded jobs of two clients, all asked for at once after the first 30. */
export async function runMixedJobs(place: HostPlace, count: number, seed: number): Promise<MixOutcome> {
  const random = seededRandom(seed);
  const clients = [place.client({ name: "one" }), place.client({ name: "two" })] as const;
  const jobs = Array.from({ length: count }, (_, number) => jobOf(number, random, place));
  const files: string[] = [];
  const wrong: string[] = [];
  const left = [0, 0];
  const turns = [0, 0];
  let lead = 0;
  const one = async (job: MixedJob) => {
    const problem = await run(clients[job.client as 0 | 1], job, files);
    if (problem !== undefined) wrong.push(problem);
    left[job.client] = (left[job.client] ?? 0) - 1;
    turns[job.client] = (turns[job.client] ?? 0) + (job.expected.kind === "files" ? job.expected.count : 1);
    if (Math.min(...left) > 0) lead = Math.max(lead, Math.abs((turns[0] ?? 0) - (turns[1] ?? 0)));
  };
  const batch = async (some: MixedJob[]) => {
    for (const client of [0, 1]) {
      left[client] = some.filter((job) => job.client === client).length;
      turns[client] = 0;
    }
    await Promise.all(some.map(one));
    return (await clients[0].request(hostStatistics, {})).residentBytes;
  };
  for (const client of clients) await client.start();
  const early = await batch(jobs.slice(0, warmJobs));
  const late = jobs.length > warmJobs ? await batch(jobs.slice(warmJobs)) : early;
  return { wrong, lead, early, late, files };
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readImage } from "../../src/images/imageReading.ts";
import { killProcess } from "../../src/platform/process.ts";
import { generateImages } from "../../src/protocol/generateImages.ts";
import { hostStatistics } from "../../src/protocol/hostStatistics.ts";
import { jobImage } from "../../src/protocol/jobImage.ts";
import { LimnerError } from "../../src/protocol/limnerError.ts";
import { seededRandom } from "../images/seededRandom.ts";
import type { HostPlace } from "../support/hostClients.ts";

/** What became of jobs whose host was killed. */
export interface KillOutcome {
  /** Images that the client was told of. */
  told: string[];
  /** Files in the folder at the end. */
  files: string[];
  /** Files that cannot be read as a picture. */
  damaged: string[];
  /** How the jobs ended: done, or the code of the error. */
  endings: string[];
  /** Hosts that were killed. */
  hosts: number;
}

/** Kills the host `kills` times at random moments of a job, with another job waiting, and draws once more. */
export async function killHosts(place: HostPlace, kills: number, seed: number): Promise<KillOutcome> {
  const random = seededRandom(seed);
  const folder = join(place.pictures, "kills");
  const client = place.client({ crashLimit: { crashes: kills + 1, milliseconds: 3_600_000 } });
  const told: string[] = [];
  client.on(jobImage, ({ image }) => told.push(image.file));
  const pids = new Set<number>();
  const draw = (job: string, count: number) =>
    client
      .request(generateImages, {
        job,
        request: { prompt: "a red circle", size: { width: 64, height: 64 }, steps: 2, seed: 1, count },
        target: { kind: "file", file: join(folder, "picture.png") },
      })
      .then(
        () => "done",
        (error) => (error instanceof LimnerError ? error.code : String(error)),
      );
  const endings: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await client.start();
    const both = [draw(`kill-${kill}-first`, 4), draw(`kill-${kill}-second`, 1)];
    await pause(random() * 1500);
    const { pid } = await client.request(hostStatistics, {});
    pids.add(pid);
    killProcess(pid);
    endings.push(...(await Promise.all(both)));
    // The jobs may have ended before: the next round needs a host that runs.
    while (client.state.kind === "ready" && client.state.pid === pid) await pause(10);
  }
  endings.push(await draw("after", 1));
  const files = readdirSync(folder);
  const damaged: string[] = [];
  for (const file of files) {
    await readImage(join(folder, file)).catch(() => damaged.push(file));
  }
  return { told, files, damaged, endings, hosts: pids.size };
}

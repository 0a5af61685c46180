// The whole count runs in `npm run test:soak`; `npm test` runs the same with fewer jobs and kills.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasEnded, killProcess } from "../../src/platform/process.ts";
import { generateImages } from "../../src/protocol/generateImages.ts";
import { hostStatistics } from "../../src/protocol/hostStatistics.ts";
import { jobProgress } from "../../src/protocol/jobProgress.ts";
import { runtimeStatus } from "../../src/protocol/runtimeStatus.ts";
import { type HostPlace, hostPlace } from "../support/hostClients.ts";
import { killHosts } from "./kills.ts";
import { runMixedJobs } from "./mixedJobs.ts";

const whole = process.env["LIMNER_SOAK"] === "all";
const [jobs, kills, cancels] = whole ? [300, 20, 10] : [24, 2, 1];
const limit = whole ? 20 * 60_000 : 240_000;
const mega = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

let place: HostPlace;
beforeEach(() => {
  place = hostPlace();
});
afterEach(() => place.remove(), 60_000);

describe("the host with the model in the box", () => {
  it(`ends ${jobs} mixed jobs of two clients rightly, in fair order`, { timeout: limit }, async () => {
    const { wrong, lead, early, late, files } = await runMixedJobs(place, jobs, 7);
    expect(wrong).toEqual([]);
    expect(new Set(files).size).toBe(files.length);
    expect(files.length).toBeGreaterThan(jobs / 2);
    // A batch of two takes its turns one by one, but is counted when it ends.
    expect(lead).toBeLessThanOrEqual(3);
    console.log(
      `${jobs} jobs: resident ${mega(early)} after the first, ${mega(late)} at the end; lead ${lead}`,
    );
    if (whole) expect(late / early).toBeLessThan(1.1);
  });

  it(`cancels within a step, ${cancels} times, and goes on`, { timeout: limit }, async () => {
    const client = place.client();
    const { runtime } = await client.request(runtimeStatus, {});
    const milliseconds: number[] = [];
    for (let number = 0; number < cancels; number++) {
      const controller = new AbortController();
      const order = {
        job: `long-${number}`,
        request: { prompt: "a red circle", steps: 1000, size: { width: 256, height: 256 } },
        target: { kind: "pattern" as const, folder: place.pictures, pattern: "${seed}.png" },
      };
      let steps = 0;
      const stop = client.on(jobProgress, ({ job, progress }) => {
        if (job === order.job && progress.stage === "denoise") steps = progress.step;
      });
      const ending = client.request(generateImages, order, controller.signal).catch((error) => error);
      await vi.waitFor(() => expect(steps).toBeGreaterThan(0), { timeout: 120_000, interval: 5 });
      const began = performance.now();
      controller.abort();
      expect(await ending).toMatchObject({ code: "cancelled" });
      milliseconds.push(performance.now() - began);
      stop();
    }
    milliseconds.sort((a, b) => a - b);
    console.log(`cancelled after ${milliseconds.map((time) => time.toFixed(0)).join(", ")} ms`);
    if (whole && runtime?.canCancel) expect(milliseconds[Math.floor(cancels / 2)]).toBeLessThan(200);
    const { jobs: counts } = await client.request(hostStatistics, {});
    expect(counts).toMatchObject({ cancelled: cancels, running: 0, waiting: 0 });
  });

  it(`loses nothing that was finished when it is killed ${kills} times`, { timeout: limit }, async () => {
    const { told, files, damaged, endings, hosts } = await killHosts(place, kills, 11);
    expect(damaged).toEqual([]);
    const folder = join(place.pictures, "kills");
    expect(told.filter((file) => !files.some((name) => join(folder, name) === file))).toEqual([]);
    expect(new Set(told).size).toBe(told.length);
    expect(endings.at(-1)).toBe("done");
    expect(endings.filter((ending) => ending !== "done" && ending !== "host-failed")).toEqual([]);
    expect(hosts).toBe(kills);
    console.log(
      `${kills} kills: ${told.length} images, ${endings.filter((one) => one === "done").length} jobs done`,
    );
  });

  it("gives two writers of one name two files", { timeout: limit }, async () => {
    const file = join(place.pictures, "one.png");
    const draw = (job: string) =>
      place.client().request(generateImages, {
        job,
        request: { prompt: "a red circle", steps: 1, seed: 1, size: { width: 64, height: 64 } },
        target: { kind: "file", file },
      });
    const results = await Promise.all([draw("first"), draw("second")]);
    const files = results.flatMap(({ images }) => images.map((image) => image.file));
    expect(files.sort()).toEqual([join(place.pictures, "one-2.png"), file]);
  });

  it("ends when all its clients were killed", { timeout: limit }, async () => {
    // A client of its own with a short delay starts the host; another process is the one that is killed.
    const first = place.client({ idle: 1500 });
    await first.start();
    const pid = first.state.kind === "ready" ? first.state.pid : 0;
    const args = ["generate", "a red circle", "--steps", "1000", "--host", "--out", place.pictures];
    const other = spawn(process.execPath, ["bin/limner.mjs", ...args], {
      env: { ...process.env, LIMNER_CACHE_DIR: place.cache },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    other.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await vi.waitFor(() => expect(said).toMatch(/Step|Getting ready|Reading/), { timeout: 120_000 });
    killProcess(other.pid ?? 0);
    first.dispose();
    expect(await hasEnded(pid, 60_000)).toBe(true);
  });
});

// The real process with its clients: what they ask and how they come and go.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { constants, getPriority } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { hasEnded } from "../../../src/platform/process.ts";
import { cancelJob } from "../../../src/protocol/cancelJob.ts";
import { generateImages } from "../../../src/protocol/generateImages.ts";
import { hostLog, type LogEntry } from "../../../src/protocol/hostLog.ts";
import { hostStatistics } from "../../../src/protocol/hostStatistics.ts";
import { imageThumbnail } from "../../../src/protocol/imageThumbnail.ts";
import type { JobSummary } from "../../../src/protocol/job.ts";
import { jobProgress } from "../../../src/protocol/jobProgress.ts";
import { listImages } from "../../../src/protocol/listImages.ts";
import { listJobs } from "../../../src/protocol/listJobs.ts";
import type { ParamsOf } from "../../../src/protocol/messageType.ts";
import { moveJob } from "../../../src/protocol/moveJob.ts";
import { readParameters } from "../../../src/protocol/readParameters.ts";
import { runtimeStatus } from "../../../src/protocol/runtimeStatus.ts";
import { tokenizePrompt } from "../../../src/protocol/tokenizePrompt.ts";
import { type HostPlace, hostPlace } from "../../support/hostClients.ts";
import { runLimner } from "../../support/limner.ts";

let place: HostPlace;
beforeAll(() => {
  place = hostPlace();
});
afterAll(() => place?.remove(), 60_000);

function order(job: string, request: object = {}): ParamsOf<typeof generateImages> {
  return {
    job,
    request: { prompt: "a red circle", steps: 2, seed: 3, size: { width: 64, height: 64 }, ...request },
    target: { kind: "pattern", folder: place.pictures, pattern: `${job}-\${seed}.png` },
  };
}

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("clients of one host", () => {
  it("share it, and its folder is the user's alone", async () => {
    const [one, two] = [place.client(), place.client({ name: "other" })];
    await Promise.all([one.start(), two.start()]);
    expect(two.state).toEqual(one.state);
    const { clients, pid } = await one.request(hostStatistics, {});
    expect([clients, { kind: "ready", pid }]).toEqual([2, one.state]);
    if (process.platform !== "win32") {
      const logs: LogEntry[] = [];
      one.on(hostLog, (entry) => logs.push(entry));
      const third = place.client({ name: "third" });
      await third.start();
      await vi.waitFor(
        () => expect(logs.map(({ message }) => message)).toContain("third has connected"),
        30_000,
      );
      third.dispose();
    }
    two.dispose();
  });

  it("go before it with what they do, while it draws", async () => {
    const client = place.client();
    await client.start();
    await client.request(generateImages, order("first"));
    const { pid } = await client.request(hostStatistics, {});
    // On Linux each thread has a priority of its own.
    const threads = process.platform === "linux" ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
    const given = Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL);
    expect(new Set(threads.map(getPriority))).toEqual(new Set([given]));
    client.dispose();
  });

  it("have jobs that move among their own, and cancel only their own", async () => {
    const [one, two] = [place.client(), place.client()];
    const long = one.request(generateImages, order("long", { steps: 1000 })).catch((error) => error);
    const later = ["a", "b", "c"].map((job) =>
      one.request(generateImages, order(job)).catch((error) => error),
    );
    const names = async (): Promise<string[]> => {
      const { jobs } = await one.request(listJobs, {});
      return jobs.map(({ job }: JobSummary) => job);
    };
    await vi.waitFor(async () => expect(await names()).toEqual(["long", "a", "b", "c"]), 30_000);
    await vi.waitFor(
      async () => expect((await one.request(listJobs, {})).jobs[0]?.state).toBe("running"),
      30_000,
    );
    expect(await one.request(moveJob, { job: "c", position: 0 })).toEqual({ position: 0 });
    expect(await names()).toEqual(["long", "c", "a", "b"]);
    await expect(two.request(moveJob, { job: "a", position: 0 })).rejects.toMatchObject({
      code: "invalid-request",
    });
    expect(await two.request(cancelJob, { job: "long" })).toEqual({ cancelled: false });
    expect((await two.request(listJobs, {})).jobs.map(({ own }) => own)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    await expect(one.request(generateImages, order("a"))).rejects.toMatchObject({ code: "invalid-request" });
    for (const job of ["a", "b"]) {
      expect(await one.request(cancelJob, { job })).toEqual({ cancelled: true });
    }
    expect(await one.request(cancelJob, { job: "long" })).toEqual({ cancelled: true });
    expect(await long).toMatchObject({ code: "cancelled" });
    const [a, b, c] = await Promise.all(later);
    expect([a, b]).toMatchObject([{ code: "cancelled" }, { code: "cancelled" }]);
    expect(c).toMatchObject({ job: "c", images: [{ seed: 3, width: 64, height: 64 }] });
  });

  it("lose their jobs when they leave", async () => {
    const [one, two] = [place.client(), place.client()];
    await two.start();
    void one.request(generateImages, order("left", { steps: 1000 })).catch(() => undefined);
    await vi.waitFor(async () => expect((await two.request(listJobs, {})).jobs).toHaveLength(1), 30_000);
    one.dispose();
    await vi.waitFor(async () => expect((await two.request(listJobs, {})).jobs).toEqual([]), 30_000);
  });
});

describe("a client", () => {
  it("gets progress from the beginning on, with small pictures of what is drawn", async () => {
    const client = place.client();
    const controller = new AbortController();
    const reports: ParamsOf<typeof jobProgress>[] = [];
    client.on(jobProgress, (report) => {
      if (report.job === "watched") reports.push(report);
    });
    const ending = client
      .request(generateImages, order("watched", { steps: 1000 }), controller.signal)
      .catch((error) => error);
    await vi.waitFor(() => expect(reports.some(({ preview }) => preview)).toBe(true), 60_000);
    controller.abort();
    expect(await ending).toMatchObject({ code: "cancelled" });
    expect(reports[0]?.progress).toMatchObject({ stage: "load", step: 0, steps: 1000, images: 1 });
    const shown = reports.find(({ preview }) => preview);
    expect(shown?.progress.stage).toBe("denoise");
    const bytes = Buffer.from(shown?.preview?.data ?? "", "base64");
    expect(bytes.toString("latin1", 8, 12)).toBe("WEBP");
    expect(bytes.length).toBeLessThanOrEqual(30 * 1024);
  });

  it("finds its images, their thumbnails and what they say", async () => {
    const client = place.client();
    const { images } = await client.request(generateImages, order("found", { prompt: "a green star" }));
    const file = images[0]?.file ?? "";
    const { images: listed } = await client.request(listImages, { prompt: "green" });
    expect(listed).toMatchObject([{ file, prompt: "a green star", seed: 3, bytes: statSync(file).size }]);
    const below = (...folders: string[]) => client.request(listImages, { prompt: "green", folders });
    expect((await below(place.pictures)).total).toBe(1);
    expect((await below(dirname(place.pictures), join(place.pictures, "none"))).total).toBe(0);
    expect(await client.request(imageThumbnail, { file })).toMatchObject({
      mimeType: "image/webp",
      width: 64,
    });
    const { found } = await client.request(readParameters, { file });
    expect(found).toMatchObject({ source: "limner", request: { prompt: "a green star", seed: 3 } });
    await expect(client.request(imageThumbnail, { file: join(place.cache, "x.png") })).rejects.toMatchObject({
      code: "image-unreadable",
    });
  });

  it("asks about OpenVINO and prompts", async () => {
    const client = place.client();
    const { runtime } = await client.request(runtimeStatus, {});
    expect(runtime?.devices.map(({ name }) => name)).toContain("CPU");
    const { encoders } = await client.request(tokenizePrompt, {
      prompt: "a (red:1.3) circle",
      weighting: "on",
    });
    expect(encoders.map(({ limit, chunks }) => [limit, chunks])).toEqual([
      [75, 1],
      [75, 1],
    ]);
  });

  it("is refused with another version", async () => {
    const client = place.client({ version: "0.0.1" });
    // It would start a host of its own, which is of this version.
    await expect(client.start()).rejects.toMatchObject({ code: "host-failed" });
    await expect(client.start()).rejects.toThrow(/client of 0\.0\.1/);
  });

  it("ends the host, and starts another with the next request", async () => {
    const client = place.client({ env: { LIMNER_CACHE_DIR: place.cache, LIMNER_DATA_DIR: place.pictures } });
    const first = await client.request(hostStatistics, {});
    expect(await client.stop()).toBe(true);
    expect(await hasEnded(first.pid, 30_000)).toBe(true);
    const second = await client.request(hostStatistics, {});
    expect(second.pid).not.toBe(first.pid);
    expect(await client.stop()).toBe(true);
  });
});

it("limner generate --host writes what limner generate writes, byte for byte", async () => {
  const args = [
    "generate",
    "a blue square",
    "--steps",
    "2",
    "--seed",
    "9",
    "--count",
    "2",
    "--size",
    "64x64",
  ];
  const env = { LIMNER_CACHE_DIR: place.cache };
  const files = await Promise.all(
    [[], ["--host"]].map(async (host, number) => {
      const out = join(place.pictures, `cli-${number}`);
      const latents = join(out, "latents.npy");
      const run = await runLimner([...args, "--out", out, "--latents-out", latents, ...host], { env });
      expect([run.code, run.stdout.trim().split("\n")]).toEqual([
        0,
        [expect.any(String), expect.any(String)],
      ]);
      return [...run.stdout.trim().split("\n"), latents];
    }),
  );
  const [here, there] = files.map((some) => some.map(digest));
  expect(there).toEqual(here);
});

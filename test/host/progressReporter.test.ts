import { expect, test, vi } from "vitest";
import { ProgressReporter } from "../../src/host/progressReporter.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";
import type { Preview } from "../../src/protocol/jobProgress.ts";
import type { Progress } from "../../src/protocol/progress.ts";

const progress = (step: number): Progress => ({ image: 0, images: 1, stage: "denoise", step, steps: 99 });

/** Noise, the hardest to compress. */
function noise(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, state = 1; i < data.length; i++) {
    state = (state * 48271) % 2147483647;
    data[i] = state & 255;
  }
  return { width, height, data };
}

test("the first report goes at once, later ones at most 10 times a second, the newest always", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const sent: [number, number][] = [];
    const reporter = new ProgressReporter(({ step }) => sent.push([Math.round(performance.now()), step]));
    const began = Math.round(performance.now());
    for (let step = 0; step <= 60; step++) {
      reporter.report(progress(step));
      vi.advanceTimersByTime(5);
    }
    vi.advanceTimersByTime(1000);
    expect(sent.map(([at, step]) => [at - began, step])).toEqual([
      [0, 0],
      [100, 19],
      [200, 39],
      [300, 59],
      [400, 60],
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test("a preview is WebP of at most 30 KiB, whatever is in it", async () => {
  const previews: (Preview | undefined)[] = [];
  const reporter = new ProgressReporter((_, preview) => previews.push(preview));
  expect(reporter.isDue()).toBe(true);
  reporter.show(noise(1024, 512));
  expect(reporter.isDue()).toBe(false);
  reporter.report(progress(1));
  await vi.waitFor(() => expect(previews).toHaveLength(1), 30_000);
  const [preview] = previews;
  const bytes = Buffer.from(preview?.data ?? "", "base64");
  expect(preview?.mimeType).toBe("image/webp");
  expect([bytes.toString("latin1", 0, 4), bytes.toString("latin1", 8, 12)]).toEqual(["RIFF", "WEBP"]);
  expect(bytes.length).toBeLessThanOrEqual(30 * 1024);
  expect((preview?.width ?? 0) / (preview?.height ?? 1)).toBe(2);
});

test("a preview that cannot be made does not hold the report back, and nothing is sent after the end", async () => {
  const sent: number[] = [];
  const encode = () => Promise.reject(new Error("broken"));
  // No time goes by, so that the second report has to wait, however busy the machine is.
  const reporter = new ProgressReporter(({ step }) => sent.push(step), { encode, now: () => 0 });
  reporter.show(noise(1, 1));
  reporter.report(progress(1));
  await vi.waitFor(() => expect(sent).toEqual([1]), 30_000);
  reporter.report(progress(2));
  reporter.end();
  reporter.report(progress(3));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(sent).toEqual([1]);
});

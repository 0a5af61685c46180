import { describe, expect, it } from "vitest";
import { ProgressLine } from "../../src/cli/progressLine.ts";
import type { Progress } from "../../src/protocol/progress.ts";

function record(isTTY: boolean) {
  const written: string[] = [];
  return { written, line: new ProgressLine({ isTTY, write: (text) => written.push(text) }) };
}

function denoising(step: number, secondsLeft?: number): Progress {
  return { image: 0, images: 1, stage: "denoise", step, steps: 20, secondsLeft };
}

describe("progress on a terminal", () => {
  it("is one line that is rewritten, with the time left", () => {
    const { written, line } = record(true);
    line.show(denoising(3));
    line.show(denoising(4, 125.4));
    line.end();
    expect(written).toEqual(["\r\x1b[2KStep 3/20", "\r\x1b[2KStep 4/20, 2 min 5 s left", "\r\x1b[2K"]);
  });

  it("names the image of a batch", () => {
    const { written, line } = record(true);
    line.show({ image: 1, images: 3, stage: "decode", step: 20, steps: 20 });
    expect(written).toEqual(["\r\x1b[2KImage 2/3: Decoding…"]);
  });
});

describe("progress in a log", () => {
  it("is a line for each stage and each tenth of the steps", () => {
    const { written, line } = record(false);
    line.show({ image: 0, images: 1, stage: "load", step: 0, steps: 0, detail: "Loading unet" });
    for (let step = 0; step <= 20; step++) line.show(denoising(step, 9));
    line.note("The prompt was cut.");
    expect(written[0]).toBe("Loading unet…\n");
    expect(written).toHaveLength(13);
    expect(written[11]).toBe("Step 20/20, 9 s left\n");
    expect(written[12]).toBe("The prompt was cut.\n");
  });
});

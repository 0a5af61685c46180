import { describe, expect, it } from "vitest";
import { f32 } from "../../../src/openvino/tensor.ts";
import type { Unet, UnetConditioning } from "../../../src/pipelines/noisePrediction.ts";
import { throughWindows, windowStarts, windowsOf } from "../../../src/pipelines/tiles/windows.ts";
import { TorchGenerator } from "../../../src/random/torchGenerator.ts";

const conditioning = {} as UnetConditioning;
const layout = { window: { width: 8, height: 8 }, overlap: 2, wraps: { x: false, y: false } };

/** A UNet whose prediction is a function of what it sees, and how often it was asked. */
function fakeUnet(predict: (sample: Float32Array, call: number) => Float32Array) {
  const calls: (readonly number[])[] = [];
  const unet: Unet = {
    predict: async ({ shape, data }) => {
      calls.push(shape);
      return predict(data, calls.length);
    },
    dispose() {},
  };
  return { unet, calls };
}

describe("windows along an axis", () => {
  it("reach from edge to edge and overlap enough", () => {
    expect(windowStarts(8, 8, 2, false)).toEqual([0]);
    expect(windowStarts(14, 8, 2, false)).toEqual([0, 6]);
    expect(windowStarts(16, 8, 2, false)).toEqual([0, 4, 8]);
  });

  it("go around where the image does", () => {
    expect(windowStarts(16, 8, 2, true)).toEqual([0, 5, 11]);
    expect(windowStarts(8, 8, 2, true)).toEqual([0]);
  });
});

describe("a UNet that sees windows", () => {
  const size = { width: 14, height: 20 };
  const sample = f32([1, 4, 20, 14], new TorchGenerator(2).randn(4 * 20 * 14));

  it("predicts what it would have for the whole where places do not matter", async () => {
    const { unet, calls } = fakeUnet((data) => data.map((value) => 3 * value));
    const predicted = await throughWindows(unet, size, layout).predict(sample, 1, conditioning);
    expect(calls).toEqual(Array(6).fill([1, 4, 8, 8]));
    for (const [at, value] of predicted.entries()) expect(value).toBeCloseTo(3 * (sample.data[at] ?? 0), 5);
  });

  it("goes from window to window without a step", async () => {
    // Neighbors that disagree by 1, as badly as can be.
    const { unet } = fakeUnet((data, call) => data.map(() => call % 2));
    const wide = { width: 14, height: 8 };
    const { data } = f32([1, 4, 8, 14], new Float32Array(4 * 8 * 14));
    const predicted = await throughWindows(unet, wide, layout).predict(
      f32([1, 4, 8, 14], data),
      1,
      conditioning,
    );
    expect([...predicted.subarray(0, 14)]).toEqual([1, 1, 1, 1, 1, 1, 0.75, 0.25, 0, 0, 0, 0, 0, 0]);
  });

  it("sees an image whole that is no larger than a window", () => {
    const { unet } = fakeUnet((data) => data);
    expect(throughWindows(unet, { width: 8, height: 6 }, layout)).toBe(unet);
    expect(windowsOf({ width: 8, height: 6 }, layout)).toEqual([{ x: 0, y: 0, width: 8, height: 6 }]);
  });

  it("sees around the edges of an image that tiles", async () => {
    const wraps = { x: true, y: false };
    const predict = (values: Float32Array) => {
      const { unet } = fakeUnet((data) => data.map((value) => value ** 2));
      return throughWindows(unet, { width: 16, height: 8 }, { ...layout, wraps }).predict(
        f32([1, 1, 8, 16], values),
        1,
        conditioning,
      );
    };
    const values = new TorchGenerator(4).randn(128);
    const predicted = await predict(values);
    for (const [at, value] of predicted.entries()) expect(value).toBeCloseTo((values[at] ?? 0) ** 2, 5);
  });
});

import { describe, expect, it } from "vitest";
import { f32 } from "../../src/openvino/tensor.ts";
import { toUnetScale, toVaeScale } from "../../src/pipelines/latentScale.ts";

/** Two channels of two values. */
const latents = f32([1, 2, 1, 2], [1, 2, 3, 4]);
const latentStatistics = { mean: [1, -2], std: [2, 4] };

describe("latents", () => {
  it("are multiplied by the scaling factor for the UNet and divided by it for the VAE", () => {
    const scale = { scalingFactor: 0.25 };
    expect([...toUnetScale(latents, scale).data]).toEqual([0.25, 0.5, 0.75, 1]);
    expect([...toVaeScale(latents, scale).data]).toEqual([4, 8, 12, 16]);
  });

  it("lose the mean and the deviation of their channel on the way to the UNet, and get them back", () => {
    const scale = { scalingFactor: 0.5, latentStatistics };
    const scaled = toUnetScale(latents, scale);
    expect(scaled.shape).toEqual([1, 2, 1, 2]);
    expect([...scaled.data]).toEqual([0, 0.25, 0.625, 0.75]);
    expect([...toVaeScale(scaled, scale).data]).toEqual([1, 2, 3, 4]);
  });
});

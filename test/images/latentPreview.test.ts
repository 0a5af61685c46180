import { expect, test } from "vitest";
import {
  fitLatentRgb,
  type LatentRgb,
  latentPreview,
  sdxlLatentRgb,
} from "../../src/images/latentPreview.ts";
import { seededRandom } from "./seededRandom.ts";

test("a pixel is the bias plus the weighed channels, held within 0 and 255", () => {
  const data = Float32Array.of(0.5, 9, -0.52, 0, 0.2, -9, 0.1, 0);
  const preview = latentPreview({ shape: [1, 4, 1, 2], data }, sdxlLatentRgb);
  // 150 + 60·0.5 + 60·0.52 + 25·0.2 − 70·0.1 = 209.2, and so on.
  expect(preview).toEqual({ width: 2, height: 1, data: Uint8Array.of(209, 171, 150, 255, 255, 255) });
});

test("a map for other latents is refused", () => {
  const latents = { shape: [1, 8, 1, 1], data: new Float32Array(8) };
  expect(() => latentPreview(latents, sdxlLatentRgb)).toThrow("made for 4 latent channels, not for 8");
});

/** Random latents and the picture that a known map makes of them, each latent a cell of 8 by 8 pixels. */
function example(map: LatentRgb, seed: number) {
  const random = seededRandom(seed);
  const [width, height] = [6, 5];
  const latents = {
    shape: [1, 4, height, width],
    data: Float32Array.from({ length: 4 * width * height }, () => random() * 2 - 1),
  };
  const small = latentPreview(latents, map);
  const data = new Uint8Array(width * height * 64 * 3);
  for (let i = 0; i < width * height * 64; i++) {
    const cell = Math.floor(i / (width * 8) / 8) * width + Math.floor((i % (width * 8)) / 8);
    // Detail within a cell, which its mean does not see.
    const detail = (i % 2) * 10 - 5;
    for (let color = 0; color < 3; color++)
      data[i * 3 + color] = (small.data[cell * 3 + color] ?? 0) + detail;
  }
  return { latents, image: { width: width * 8, height: height * 8, data } };
}

test("a fit finds the map that made the pictures", () => {
  const map: LatentRgb = {
    weights: [
      [20, -15, 5, 8],
      [-3, 30, 2, -9],
      [12, 4, -25, 1],
    ],
    bias: [120, 128, 140],
  };
  const fitted = fitLatentRgb([1, 2, 3, 4].map((seed) => example(map, seed)));
  for (let color = 0; color < 3; color++) {
    expect(Math.abs((fitted.bias[color] ?? 0) - (map.bias[color] ?? 0))).toBeLessThan(0.1);
    for (let channel = 0; channel < 4; channel++) {
      const [found, known] = [fitted.weights[color]?.[channel] ?? 0, map.weights[color]?.[channel] ?? 0];
      expect(Math.abs(found - known)).toBeLessThan(0.2);
    }
  }
});

test("examples that cannot tell are refused", () => {
  expect(() => fitLatentRgb([])).toThrow("no examples");
  const { image } = example(sdxlLatentRgb, 1);
  const flat = { shape: [1, 4, 5, 6], data: new Float32Array(120) };
  expect(() => fitLatentRgb([{ latents: flat, image }])).toThrow("do not determine");
  expect(() => fitLatentRgb([{ latents: { ...flat, shape: [1, 4, 4, 7] }, image }])).toThrow(
    "48x40 does not belong to 7x4",
  );
});

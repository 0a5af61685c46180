import { describe, expect, it } from "vitest";
import { f32 } from "../../../src/openvino/tensor.ts";
import { cutPlanes, pastePlanes } from "../../../src/pipelines/tiles/planes.ts";
import { momentsChange, PooledMoments } from "../../../src/pipelines/tiles/pooledMoments.ts";
import { tileSpans } from "../../../src/pipelines/tiles/tileLayout.ts";

describe("tiles along an axis", () => {
  it("cover it once, see equally much, and stay inside", () => {
    expect(tileSpans(10, 4, { before: 1, after: 2, wraps: false })).toEqual([
      { start: 0, stop: 3, from: 0, length: 7 },
      { start: 3, stop: 6, from: 2, length: 7 },
      { start: 6, stop: 10, from: 3, length: 7 },
    ]);
  });

  it("see all of it where it is short", () => {
    expect(tileSpans(5, 8, { before: 3, after: 3, wraps: false })).toEqual([
      { start: 0, stop: 5, from: 0, length: 5 },
    ]);
  });

  it("see the opposite edge where it wraps, a single one too", () => {
    expect(tileSpans(8, 4, { before: 2, after: 1, wraps: true })).toEqual([
      { start: 0, stop: 4, from: -2, length: 7 },
      { start: 4, stop: 8, from: 2, length: 7 },
    ]);
    expect(tileSpans(4, 4, { before: 2, after: 1, wraps: true })).toEqual([
      { start: 0, stop: 4, from: -2, length: 7 },
    ]);
  });
});

describe("rectangles of planes", () => {
  const planes = f32([1, 2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

  it("are read around the edges", () => {
    const cut = cutPlanes(planes, { y: 1, x: -1, height: 2, width: 2 });
    expect(cut.shape).toEqual([1, 2, 2, 2]);
    expect([...cut.data]).toEqual([5, 3, 2, 0, 11, 9, 8, 6]);
  });

  it("are pasted where they belong", () => {
    const target = f32([1, 2, 2, 3], new Float32Array(12));
    pastePlanes(planes, { y: 1, x: 1, height: 1, width: 2 }, target, { y: 0, x: 1 });
    expect([...target.data]).toEqual([0, 4, 5, 0, 0, 0, 0, 10, 11, 0, 0, 0]);
  });
});

describe("moments of tiles", () => {
  it("pool to those of all values", () => {
    // Of 1, 3 and of 5, 5, 5, 9.
    const pool = new PooledMoments(1);
    pool.add(Float32Array.of(2, 1), 2);
    pool.add(Float32Array.of(6, 3), 4);
    const [mean, variance] = pool.result();
    expect(mean).toBeCloseTo(28 / 6, 5);
    expect(variance).toBeCloseTo((1 + 9 + 25 * 3 + 81) / 6 - (28 / 6) ** 2, 4);
  });

  it("change by standard deviations", () => {
    expect(momentsChange(Float32Array.of(0, 4, 1, 1), Float32Array.of(1, 4, 1, 1))).toBeCloseTo(0.5, 6);
    expect(momentsChange(Float32Array.of(0, 4), Float32Array.of(0, 2))).toBeCloseTo(0.5, 6);
  });
});

import { describe, expect, test } from "vitest";
import { aspectBuckets, nearestBucket } from "../../src/images/aspectBuckets.ts";

const sdxl = { defaultSize: { width: 1024, height: 1024 }, sizeMultiple: 32 };
const tiny = { defaultSize: { width: 128, height: 128 }, sizeMultiple: 32 };

const nearest = (width: number, height: number, model = sdxl) => {
  const bucket = nearestBucket({ width, height }, model);
  return [bucket.width, bucket.height];
};

test("SDXL has the 41 buckets of its report, all multiples of 64 of about a megapixel", () => {
  const buckets = aspectBuckets(sdxl);
  expect(buckets).toHaveLength(41);
  for (const { width, height } of buckets) {
    expect([width % 64, height % 64]).toEqual([0, 0]);
    expect(Math.abs(width * height - 1024 ** 2) / 1024 ** 2).toBeLessThan(0.11);
  }
  expect(buckets[0]).toEqual({ width: 512, height: 2048 });
  expect(buckets.at(-1)).toEqual({ width: 2048, height: 512 });
});

describe("the nearest bucket by aspect ratio", () => {
  test("a bucket is its own, and size does not matter", () => {
    for (const { width, height } of aspectBuckets(sdxl)) {
      expect(nearest(width, height)).toEqual([width, height]);
      expect(nearest(width * 3, height * 3)).toEqual([width, height]);
    }
  });

  test("photographs, screens and what is beyond every bucket", () => {
    expect(nearest(6000, 4000)).toEqual([1216, 832]);
    expect(nearest(4000, 6000)).toEqual([832, 1216]);
    expect(nearest(1920, 1080)).toEqual([1344, 768]);
    expect(nearest(4032, 3024)).toEqual([1152, 896]);
    expect(nearest(10_000, 10)).toEqual([2048, 512]);
    expect(nearest(10, 10_000)).toEqual([512, 2048]);
  });

  test("a picture turned round gets the bucket turned round, also where two are as near", () => {
    for (let height = 300; height < 3000; height += 37) {
      expect(nearest(height, 1000)).toEqual(nearest(1000, height).reverse());
    }
  });
});

test("buckets scale with the model's size and keep to its multiple, each once", () => {
  const buckets = aspectBuckets(tiny).map(({ width, height }) => `${width}x${height}`);
  expect(new Set(buckets).size).toBe(buckets.length);
  expect(buckets).toContain("128x128");
  expect(buckets).toContain("64x256");
  expect(nearest(1000, 1000, tiny)).toEqual([128, 128]);
  expect(nearest(1920, 1080, tiny)).toEqual([160, 96]);
  const half = { defaultSize: { width: 512, height: 512 }, sizeMultiple: 32 };
  expect(nearest(6000, 4000, half)).toEqual([608, 416]);
});

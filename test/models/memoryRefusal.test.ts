import { describe, expect, it } from "vitest";
import { largestSize, needOf, requireMemory } from "../../src/models/memoryRefusal.ts";
import type { Size } from "../../src/protocol/size.ts";

/** 1 GB and 1,000 bytes a pixel. */
const need = ({ width, height }: Size) => 1e9 + 1000 * width * height;
const demand = (width: number, height: number) => ({ size: { width, height }, sizeMultiple: 64, need });

describe("the memory of a request", () => {
  it("is that of the submodel that takes most in its run", () => {
    const parts = [
      { resident: 100, working: () => 0 },
      { resident: 50, working: ({ width }: Size) => width },
    ];
    expect(needOf(parts, { width: 10, height: 1 })).toBe(100);
    expect(needOf(parts, { width: 60, height: 1 })).toBe(110);
  });

  it("is no reason to refuse what fits", () => {
    expect(() => requireMemory(demand(1024, 1024), need({ width: 1024, height: 1024 }))).not.toThrow();
  });

  it("refuses with the need, what there is, and the largest size of the same shape", () => {
    expect(() => requireMemory(demand(2048, 1024), 2e9)).toThrow(
      expect.objectContaining({
        code: "not-enough-memory",
        message:
          "A picture of 2048x1024 needs about 3.10 GB of memory, and Limner can have 2.00 GB. " +
          "The largest of this shape that fits is 1408x704. LIMNER_MEMORY sets how much Limner may take, in GB.",
      }),
    );
    expect(need({ width: 1408, height: 704 })).toBeLessThanOrEqual(2e9);
    expect(need({ width: 1472, height: 736 })).toBeGreaterThan(2e9);
  });

  it("says that no size fits where the model alone is too large", () => {
    expect(() => requireMemory(demand(512, 512), 0.9e9)).toThrow(
      /needs about 1\.26 GB of memory, and Limner can have 0\.90 GB\. The model does not fit at any size/,
    );
  });

  it("finds sizes that are multiples and not larger than what was asked for", () => {
    expect(largestSize(demand(1000, 700), 10e9)).toEqual({ width: 960, height: 640 });
    expect(largestSize(demand(1024, 128), 1.06e9)).toEqual({ width: 704, height: 64 });
    expect(largestSize(demand(4096, 64), 1.01e9)).toEqual({ width: 128, height: 64 });
  });
});

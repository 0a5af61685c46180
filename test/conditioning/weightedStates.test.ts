import { describe, expect, it } from "vitest";
import { weighStates } from "../../src/conditioning/weightedStates.ts";
import { f32 } from "../../src/openvino/tensor.ts";

describe("weighted hidden states", () => {
  const states = f32([1, 3, 2], [1, 2, 3, 4, 5, 6]);

  it("stay as they are where nothing is weighted", () => {
    expect(weighStates(states, [1, 1, 1])).toBe(states);
  });

  it("are multiplied position by position, then brought back to their mean", () => {
    // Weighted: 1, 2, 6, 8, 5, 6, whose sum is 28 instead of 21.
    const weighted = weighStates(states, [1, 2, 1]);
    expect([...weighted.data].map((value) => value * 4)).toEqual([3, 6, 18, 24, 15, 18]);
    expect(weighted.shape).toEqual([1, 3, 2]);
  });

  it("are zero where every weight is, without a mean to restore", () => {
    expect([...weighStates(states, [0, 0, 0]).data]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

import { expect, test } from "vitest";
import { grown } from "../../src/images/outpainting.ts";
import { twoColors } from "./testRecord.ts";

test("the canvas grows on all sides, up to the model's multiple, and its border repeats the edge", () => {
  const { image, mask, offset } = grown(twoColors(16, 8), 3, 16);
  expect([image.width, image.height]).toEqual([32, 16]);
  expect([mask.width, mask.height]).toEqual([32, 16]);
  expect(offset).toEqual({ x: 8, y: 4 });
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 32; x++) {
      const at = y * 32 + x;
      expect([...image.data.subarray(at * 3, at * 3 + 3)]).toEqual(x < 16 ? [220, 30, 40] : [20, 60, 230]);
      expect(mask.data[at]).toBe(x >= 8 && x < 24 && y >= 4 && y < 12 ? 0 : 255);
    }
  }
});

test("a canvas that is a multiple already grows by the margin exactly", () => {
  const { image, offset } = grown(twoColors(16, 8), 4, 8);
  expect([image.width, image.height, offset]).toEqual([24, 16, { x: 4, y: 4 }]);
});

test("a mask of the picture itself stays", () => {
  const own = { width: 2, height: 1, data: Uint8Array.of(0, 77) };
  const { mask } = grown({ width: 2, height: 1, data: new Uint8Array(6) }, 1, 1, own);
  expect([...mask.data]).toEqual([255, 255, 255, 255, 255, 0, 77, 255, 255, 255, 255, 255]);
  expect([...own.data]).toEqual([0, 77]);
});

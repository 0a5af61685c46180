import type { GenerationRecord } from "../../src/images/generationRecord.ts";
import type { RgbImage } from "../../src/images/rgbImage.ts";

/** A record of a drawing, with what a test changes. */
export function testRecord(changes: Partial<GenerationRecord> = {}): GenerationRecord {
  return {
    request: { prompt: "a red circle on a blue background" },
    model: "limner-tiny",
    seed: 7,
    steps: 20,
    guidanceScale: 4.5,
    scheduler: "euler",
    width: 128,
    height: 96,
    version: "0.1.0",
    ...changes,
  };
}

/** A picture whose left half is red and whose right half is blue. */
export function twoColors(width = 16, height = 8): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(pixel % width < width / 2 ? [220, 30, 40] : [20, 60, 230], pixel * 3);
  }
  return { width, height, data };
}

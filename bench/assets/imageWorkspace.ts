import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { seededRandom } from "../accuracy/seededRandom.ts";

/** Width and height of the images, in pixels. */
export const side = 1024;

const formats = ["png", "png", "png", "jpeg", "webp"] as const;

/** Noise, which compresses as badly as a photograph of its size does at its worst. */
function picture() {
  const random = seededRandom(1);
  const data = new Uint8Array(side * side * 3).map((_, i) => (i % 5 === 0 ? random() * 256 : 128));
  return { width: side, height: side, data };
}

/** Fills a workspace with generated images, three in five of them PNG. */
export async function writeImages(root: string, count: number): Promise<void> {
  const image = picture();
  const bytes = new Map<string, Buffer>();
  for (let index = 0; index < count; index++) {
    const format = formats[index % formats.length] ?? "png";
    // One encoding for each format and hundred images; the texts of all differ in nothing that costs time.
    const key = `${format} ${Math.floor(index / 100)}`;
    let encoded = bytes.get(key);
    if (!encoded) {
      const request = { prompt: `a watercolor of a fox, number ${index}` };
      const record = { request, model: "sdxl", seed: index, steps: 25, guidanceScale: 5, scheduler: "euler" };
      const metadata = describeGeneration({ ...record, width: side, height: side, version: "0.0.0" });
      encoded = await encodeImage(image, format, metadata);
      bytes.set(key, encoded);
    }
    const folder = join(root, `part${index % 10}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${index}.${format}`), encoded);
  }
}

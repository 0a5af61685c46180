// Times the list of a workspace's generated images, cold (nothing is kept), warm (the files are known from an earlier
// start) and again in the same process, and their thumbnails: node bench/run.mjs bench/assets/list.ts [IMAGES]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GeneratedImages } from "../../src/assets/generatedImages.ts";
import { Thumbnails } from "../../src/assets/thumbnails.ts";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import { seededRandom } from "../accuracy/seededRandom.ts";

const count = Number(process.argv[2] ?? 1000);
const side = 1024;
const base = mkdtempSync(join(tmpdir(), "limner-list-"));
const root = join(base, "workspace");
const formats = ["png", "png", "png", "jpeg", "webp"] as const;

/** Noise, which compresses as badly as a photograph of its size does at its worst. */
function picture() {
  const random = seededRandom(1);
  const data = new Uint8Array(side * side * 3).map((_, i) => (i % 5 === 0 ? random() * 256 : 128));
  return { width: side, height: side, data };
}

async function write(): Promise<void> {
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

async function timed<T>(name: string, task: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await task();
  console.log(`${name.padEnd(34)} ${(performance.now() - began).toFixed(0).padStart(6)} ms`);
  return result;
}

try {
  await write();
  const heads = { directory: join(base, "heads") };
  console.log(`${count} images of ${side}x${side}, three in five of them PNG`);
  const first = new GeneratedImages(heads);
  const { images, total } = await timed("cold", () => first.list([root]));
  if (total !== count) throw new Error(`${total} of ${count} were found`);
  await timed("warm, another process", () => new GeneratedImages(heads).list([root]));
  await timed("warm, the same process", () => first.list([root]));
  await timed("warm, with words of the prompt", () => first.list([root], { prompt: "fox 700" }));
  const thumbnails = new Thumbnails({ directory: join(base, "thumbnails") });
  const some = images.slice(0, 50);
  const show = async () => {
    for (const { file } of some) await thumbnails.of(file, [root]);
  };
  await timed(`${some.length} thumbnails, cold`, show);
  await timed(`${some.length} thumbnails, warm`, show);
} finally {
  rmSync(base, { recursive: true, force: true });
}

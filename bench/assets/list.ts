// Times the list of a workspace's generated images, cold (nothing is kept), warm (the files are known from an earlier
// start) and again in the same process, and their thumbnails: node bench/run.mjs bench/assets/list.ts [IMAGES]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GeneratedImages } from "../../src/assets/generatedImages.ts";
import { Thumbnails } from "../../src/assets/thumbnails.ts";
import { firstGalleryPage } from "../../src/protocol/panel/gallery.ts";
import { side, writeImages } from "./imageWorkspace.ts";

const count = Number(process.argv[2] ?? 1000);
const base = mkdtempSync(join(tmpdir(), "limner-list-"));
const root = join(base, "workspace");
async function timed<T>(name: string, task: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await task();
  console.log(`${name.padEnd(34)} ${(performance.now() - began).toFixed(0).padStart(6)} ms`);
  return result;
}

try {
  await writeImages(root, count);
  const heads = { directory: join(base, "heads") };
  console.log(`${count} images of ${side}x${side}, three in five of them PNG`);
  const first = new GeneratedImages(heads);
  const page = { limit: firstGalleryPage };
  const { images } = await timed(`cold, the first ${page.limit}`, () => first.list([root], page));
  const all = { limit: count };
  const others = { ...all, offset: page.limit };
  const { total } = await timed("cold, all others", () => first.list([root], others));
  if (total !== count) throw new Error(`${total} of ${count} were found`);
  await timed("warm, another process", () => new GeneratedImages(heads).list([root], all));
  await timed("warm, the same process", () => first.list([root], all));
  await timed("warm, with words of the prompt", () => first.list([root], { ...all, prompt: "fox 700" }));
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

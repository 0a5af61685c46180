import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GeneratedImages } from "../../src/assets/generatedImages.ts";
import { describeGeneration } from "../../src/images/generationRecord.ts";
import { encodeImage } from "../../src/images/imageEncoding.ts";
import type { ImageFormat } from "../../src/images/imageFormat.ts";
import { testRecord, twoColors } from "../images/testRecord.ts";

let base: string;
let root: string;
let directory: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "limner-images-")));
  [root, directory] = [join(base, "workspace"), join(base, "cache")];
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Writes a generated image that was changed at a second. */
async function write(
  name: string,
  prompt: string,
  second: number,
  format: ImageFormat = "png",
  folder = root,
) {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  const record = testRecord({ request: { prompt }, seed: second });
  writeFileSync(file, await encodeImage(twoColors(), format, describeGeneration(record)));
  utimesSync(file, second, second);
  return file;
}

const images = () => new GeneratedImages({ directory });
const prompts = async (list: GeneratedImages, options = {}) =>
  (await list.list([root], options)).images.map(({ prompt }) => prompt);

describe("a list of generated images", () => {
  it("has all formats and folders, the newest first, by what the files say", async () => {
    await write("a.png", "old", 100);
    await write("deep/er/b.jpg", "newest", 400, "jpeg");
    await write("c.webp", "middle", 200, "webp");
    const file = await write("d.avif", "newer", 300, "avif");
    const { images: listed, total } = await images().list([root]);
    expect(listed.map(({ prompt }) => prompt)).toEqual(["newest", "newer", "middle", "old"]);
    expect(total).toBe(4);
    const { bytes, ...rest } = listed[1] ?? { bytes: 0 };
    expect(bytes).toBeGreaterThan(100);
    expect(rest).toEqual({
      file,
      width: 16,
      height: 8,
      modified: 300_000,
      prompt: "newer",
      seed: 300,
      model: "limner-tiny",
    });
  });

  it("leaves out pictures that nobody says were generated, and what is no picture", async () => {
    writeFileSync(join(root, "photo.png"), await encodeImage(twoColors(), "png"));
    writeFileSync(join(root, "damaged.png"), "not a picture");
    writeFileSync(join(root, "notes.txt"), "text");
    mkdirSync(join(root, "folder.png"));
    await write("node_modules/icon.png", "a package's", 1);
    await write(".git/blob.png", "hidden", 1);
    await write("own.png", "own", 1);
    expect(await prompts(images())).toEqual(["own"]);
  });

  it("does not follow symbolic links out of the workspace", async () => {
    await write("secret.png", "outside", 1, "png", base);
    symlinkSync(join(base, "secret.png"), join(root, "link.png"));
    symlinkSync(base, join(root, "folder"));
    expect(await prompts(images())).toEqual([]);
  });

  it("finds words of prompts in any case and order, and gives a part", async () => {
    await write("a.png", "A red Circle", 1);
    await write("b.png", "a circle of blue", 2);
    await write("c.png", "a red star", 3);
    const list = images();
    expect(await prompts(list, { prompt: "circle RED" })).toEqual(["A red Circle"]);
    expect(await prompts(list, { prompt: "circle" })).toEqual(["a circle of blue", "A red Circle"]);
    const part = await list.list([root], { offset: 1, limit: 1 });
    expect([part.images.map(({ prompt }) => prompt), part.total]).toEqual([["a circle of blue"], 3]);
  });

  it("goes on as it began, whatever comes meanwhile, until it begins again", async () => {
    for (const second of [1, 2, 3]) await write(`${second}.png`, `number ${second}`, second);
    const list = images();
    expect(await prompts(list, { limit: 2 })).toEqual(["number 3", "number 2"]);
    await write("4.png", "number 4", 4);
    expect(await prompts(list, { offset: 2, limit: 2 })).toEqual(["number 1"]);
    // That list was read to its end.
    expect(await prompts(list, { offset: 2, limit: 2 })).toEqual(["number 2", "number 1"]);
    expect(await prompts(list, { limit: 2 })).toEqual(["number 4", "number 3"]);
  });

  it("opens the newest files only for a first part, and tells how many there are with the last", async () => {
    const newest = 130;
    const file = await write("0.png", "the same", 1);
    for (let second = 1; second < newest; second++) {
      const copy = join(root, `${second}.png`);
      copyFileSync(file, copy);
      utimesSync(copy, second + 1, second + 1);
    }
    const list = images();
    const first = await list.list([root], { limit: 5 });
    expect(first.images.map(({ modified }) => modified / 1000)).toEqual([130, 129, 128, 127, 126]);
    expect(first.total).toBeUndefined();
    // Files that were not opened yet can still change what they say.
    await write("0.png", "another", 1);
    await write("129.png", "too late", 130);
    const rest = await list.list([root], { offset: 5, limit: newest });
    expect([rest.images.length, rest.images.at(-1)?.prompt, rest.total]).toEqual([125, "another", 130]);
    expect(await prompts(images(), { limit: 1 })).toEqual(["too late"]);
    expect(await prompts(images(), { prompt: "another" })).toEqual(["another"]);
  });

  it("keeps what was read of a list that nobody reads to its end", async () => {
    const file = await write("0.png", "the same", 1);
    for (let second = 1; second < 70; second++) copyFileSync(file, join(root, `${second}.png`));
    expect((await images().list([root], { limit: 1 })).total).toBeUndefined();
    const [kept = ""] = readdirSync(directory);
    expect(Object.keys(JSON.parse(readFileSync(join(directory, kept), "utf8")).heads)).toHaveLength(64);
  });

  it("lists a file once where a root lies in another, and nothing of a root that is missing", async () => {
    await write("inner/a.png", "one", 1);
    const roots = [root, join(root, "inner"), join(root, "missing")];
    expect((await images().list(roots)).total).toBe(1);
  });

  it("reads a file again when it has changed, and forgets one that is gone", async () => {
    const list = images();
    const file = await write("a.png", "before", 1);
    await write("b.png", "stays", 2);
    expect(await prompts(list)).toEqual(["stays", "before"]);
    await write("a.png", "after", 3);
    expect(await prompts(list)).toEqual(["after", "stays"]);
    rmSync(file);
    expect(await prompts(list)).toEqual(["stays"]);
  });

  it("remembers from one start to the next, by size and time", async () => {
    const file = await write("a.png", "remembered", 5);
    await prompts(images());
    // The same size and time with other bytes: only who opens the file can tell.
    const record = testRecord({ request: { prompt: "REMEMBERED" }, seed: 5 });
    writeFileSync(file, await encodeImage(twoColors(), "png", describeGeneration(record)));
    utimesSync(file, 5, 5);
    expect(await prompts(images())).toEqual(["remembered"]);
    const [kept = ""] = readdirSync(directory);
    writeFileSync(join(directory, kept), '{"version":1,"heads":{"a":{"size":"large"}}}');
    expect(await prompts(images())).toEqual(["REMEMBERED"]);
  });

  it("lists all the same where nothing can be kept", async () => {
    await write("a.png", "one", 1);
    writeFileSync(directory, "a file");
    expect(await prompts(images())).toEqual(["one"]);
  });

  it("names the folders to watch: those with pictures, and those above them", async () => {
    await write("assets/generated/a.png", "one", 1);
    mkdirSync(join(root, "src", "deep"), { recursive: true });
    const { folders } = await images().list([root]);
    expect([...(folders.get(root) ?? [])].sort()).toEqual([
      root,
      join(root, "assets"),
      join(root, "assets", "generated"),
    ]);
  });
});

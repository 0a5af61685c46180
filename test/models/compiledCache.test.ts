import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CompiledCache } from "../../src/models/compiledCache.ts";
import { openRuntime } from "../../src/openvino/find.ts";
import { tinySubmodel } from "../graph/support/tinyUnet.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "limner-cache-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const hour = 60 * 60 * 1000;

/** A cache of 100 bytes whose clock is moved by hand. */
function smallCache() {
  let now = Date.now();
  const cache = new CompiledCache({ directory, limit: 100, now: () => now });
  const write = (name: string, bytes: number) =>
    cache.use([name], bytes, async (folder) => {
      if (folder) writeFileSync(join(folder, "1.blob"), Buffer.alloc(bytes));
      return folder;
    });
  return { cache, write, pass: (milliseconds: number) => (now += milliseconds) };
}

describe("compiled models on disk", () => {
  it("have a folder each, the same one every time", async () => {
    const { cache, write } = smallCache();
    const first = await write("unet", 10);
    expect(await write("vae", 10)).not.toBe(first);
    expect(await write("unet", 10)).toBe(first);
    expect([await cache.has(["unet"]), await cache.has(["text"])]).toEqual([true, false]);
  });

  it("are removed by least recent use beyond the limit", async () => {
    const { cache, write, pass } = smallCache();
    await write("a", 40);
    pass(hour);
    await write("b", 40);
    pass(hour);
    await write("a", 40);
    pass(hour);
    await write("c", 40);
    expect(await Promise.all(["a", "b", "c"].map((name) => cache.has([name])))).toEqual([true, false, true]);
  });

  it("are kept beyond the limit while they may be in use", async () => {
    const { cache, write, pass } = smallCache();
    await write("a", 80);
    pass(60_000);
    await write("b", 80);
    expect(await cache.has(["a"])).toBe(true);
    pass(hour);
    await cache.bound();
    expect([await cache.has(["a"]), await cache.has(["b"])]).toEqual([false, true]);
  });

  it("are not kept where the folder cannot be made, or the disk has no room", async () => {
    writeFileSync(join(directory, "file"), "");
    const nowhere = new CompiledCache({ directory: join(directory, "file", "cache") });
    expect(await nowhere.use(["a"], 1, async (folder) => folder)).toBeUndefined();
    const cache = new CompiledCache({ directory });
    expect(await cache.use(["a"], Number.MAX_SAFE_INTEGER, async (folder) => folder)).toBeUndefined();
  });

  it("leave no half-removed folder behind", async () => {
    const { cache } = smallCache();
    mkdirSync(join(directory, ".removed-1"));
    writeFileSync(join(directory, ".removed-1", "1.blob"), "x");
    await cache.bound();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("are compiled one at a time by two who want the same", async () => {
    const { cache } = smallCache();
    let [running, most] = [0, 0];
    const compile = () =>
      cache.use(["unet"], 1, async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      });
    await Promise.all([compile(), compile()]);
    expect(most).toBe(1);
  });
});

it("OpenVINO finds what it kept, and compiles anew where that was cut short or is gone", async () => {
  const runtime = await openRuntime();
  try {
    const cache = new CompiledCache({ directory });
    const load = () =>
      cache.use(["unet"], 1, async (folder) => {
        const properties = { CACHE_DIR: folder ?? "" };
        const model = await runtime.compile({ xml: tinySubmodel("vae_decoder").xml }, { properties });
        const fromCache = model.property("LOADED_FROM_CACHE");
        model.dispose();
        return { fromCache, folder: folder ?? "" };
      });
    const first = await load();
    expect(first.fromCache).toBe("NO");
    expect((await load()).fromCache).toBe("YES");
    const [blob = ""] = readdirSync(first.folder);
    truncateSync(join(first.folder, blob), Math.floor(statSync(join(first.folder, blob)).size / 2));
    expect((await load()).fromCache).toBe("NO");
    expect((await load()).fromCache).toBe("YES");
    rmSync(join(first.folder, blob));
    expect((await load()).fromCache).toBe("NO");
    const old = new Date(0);
    utimesSync(first.folder, old, old);
    await new CompiledCache({ directory, limit: 0 }).bound();
    expect(await cache.has(["unet"])).toBe(false);
    expect((await load()).fromCache).toBe("NO");
  } finally {
    runtime.dispose();
  }
});

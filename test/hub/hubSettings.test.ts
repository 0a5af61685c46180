import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { hubSettings } from "../../src/hub/hubSettings.ts";

const home = mkdtempSync(join(tmpdir(), "limner-home-"));
afterAll(() => rmSync(home, { recursive: true }));

const read = (env: Record<string, string>) => hubSettings({ platform: "linux", home, env });

describe("the hub's settings", () => {
  it("are those of Hugging Face's tools by default", () => {
    expect(read({})).toEqual({
      endpoint: "https://huggingface.co",
      token: undefined,
      offline: false,
      cache: join(home, ".cache", "huggingface", "hub"),
      stallMilliseconds: 10_000,
    });
  });

  it.each([
    [{ XDG_CACHE_HOME: "/x" }, join("/x", "huggingface", "hub")],
    [{ HF_HOME: "/hf", XDG_CACHE_HOME: "/x" }, join("/hf", "hub")],
    [{ HF_HOME: "~/hf" }, join(home, "hf", "hub")],
    [{ HUGGINGFACE_HUB_CACHE: "/old" }, "/old"],
    [{ HF_HUB_CACHE: "/new", HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/hf" }, "/new"],
  ])("find the cache: %j", (env, cache) => {
    expect(read(env).cache).toBe(cache);
  });

  it.each([
    ["1", true],
    ["YES", true],
    ["true", true],
    ["0", false],
    ["", false],
  ])("are offline with HF_HUB_OFFLINE=%s: %s", (value, offline) => {
    expect(read({ HF_HUB_OFFLINE: value }).offline).toBe(offline);
  });

  it("take a token from the variable, else from the file of a login", () => {
    const folder = join(home, "hf");
    mkdirSync(folder);
    writeFileSync(join(folder, "token"), "hf_file\n");
    expect(read({ HF_HOME: folder }).token).toBe("hf_file");
    expect(read({ HF_HOME: folder, HF_TOKEN: " hf_variable " }).token).toBe("hf_variable");
    expect(read({ HF_HOME: folder, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }).token).toBeUndefined();
    expect(read({ HF_TOKEN: "two\nlines" }).token).toBeUndefined();
  });

  it("cut slashes from the endpoint, and refuse what is no address", () => {
    expect(read({ HF_ENDPOINT: "https://mirror.example//" }).endpoint).toBe("https://mirror.example");
    for (const bad of ["mirror", "ftp://mirror.example", "https://me:secret@mirror.example"]) {
      expect(() => read({ HF_ENDPOINT: bad })).toThrow("HF_ENDPOINT is no http or https address");
      expect(() => read({ HF_ENDPOINT: bad })).not.toThrow("secret");
    }
  });
});
